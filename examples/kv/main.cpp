// SPDX-License-Identifier: MIT
// kv-server: a key-value server that speaks the Redis protocol (RESP2), one core a processor. Any
// core answers reads from any core's table without locks; writes go to the core that owns the key.
#include <lull/io/descriptor_limit.hpp>
#include <lull/sched/runtime.hpp>

#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "options.hpp"
#include "server.hpp"

namespace {

// Each connection is an open file, and the usual limit is below the usual number of connections.
void allow_open_files(const kv::options& options) {
  const std::size_t needed = options.limits.connections + 256;
  if (lull::allow_descriptors(needed)) return;
  std::fprintf(stderr,
               "lull-kv: only %zu open files are allowed, and %zu connections need %zu; further "
               "clients will wait. Raise the limit (ulimit -Hn) or lower --max-connections\n",
               lull::descriptors_allowed(), options.limits.connections, needed);
}

int serve(const kv::options& options) {
  allow_open_files(options);
  const lull::run_options how = kv::runtime_options(options);
  kv::server server{options, static_cast<unsigned>(how.cores.size())};
  const int status = lull::run(how, [&server] { return server.run_core(); });
  if (server.connections_left() != 0) {
    std::printf("lull-kv: %zu connections had not finished after %u ms and were cut off\n",
                server.connections_left(), options.shutdown_ms);
  }
  if (status == 0) std::puts("lull-kv: ended in order");
  return status;
}

}  // namespace

int main(int count, char** words) {
  kv::options options;
  std::string complaint;
  const std::span all(words, static_cast<std::size_t>(count));
  const std::vector<const char*> given(all.begin() + 1, all.end());
  if (!kv::parse_options(given, options, complaint)) {
    std::fprintf(stderr, "lull-kv: %s\n", complaint.c_str());
    return 2;
  }
  if (options.help) {
    std::fputs(kv::usage().c_str(), stdout);
    return 0;
  }
  try {
    return serve(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lull-kv: %s\n", error.what());
    return 1;
  }
}
