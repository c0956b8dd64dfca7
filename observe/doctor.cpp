// SPDX-License-Identifier: MIT
// lull-doctor: says whether lull can run here, as this user and in this container, with as many
// cores as it would have; if not, why, and what mends it. It makes what lull makes at start, all at
// once, and prints what this kernel can do and what lull uses instead of the rest. Ends with status
// 0 when lull can run here, and 1 when it cannot.

#include <sys/resource.h>
#include <sys/utsname.h>

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <string>

#include <lull/ring/capabilities.hpp>
#include <lull/ring/ring.hpp>
#include <lull/sched/processors.hpp>

namespace {

std::string limit_text(decltype(RLIMIT_NOFILE) which) {
  rlimit limit{};
  if (::getrlimit(which, &limit) != 0) return "unknown";
  return limit.rlim_cur == RLIM_INFINITY ? "unlimited" : std::to_string(limit.rlim_cur);
}

void examine() {
  utsname kernel{};
  if (::uname(&kernel) == 0) std::printf("kernel: Linux %s, %s\n", kernel.release, kernel.machine);
  const std::size_t cores = lull::all_cores().size();
  std::printf("cores: %zu that this process may run on\n", cores);
  std::printf("lockable memory: %s bytes; descriptors: %s\n", limit_text(RLIMIT_MEMLOCK).c_str(),
              limit_text(RLIMIT_NOFILE).c_str());
  std::fflush(stdout);  // a ring may have something to say on stderr

  std::deque<lull::ring> rings;
  while (rings.size() < cores) rings.emplace_back();
  std::printf("rings: one for each core, the last with %u submissions and %u completions\n",
              rings.back().options().submissions, rings.back().options().completions);
  rings.clear();

  const lull::capabilities& found = lull::detected_capabilities();
  if (lull::capabilities::of_environment() != lull::capabilities{}) {
    std::printf("LULL_AS_LINUX=%s: lull uses nothing that came later\n",
                std::getenv("LULL_AS_LINUX"));
  }
  std::fputs(found.describe().c_str(), stdout);
}

}  // namespace

int main() {
  try {
    examine();
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "lull cannot run here: %s\n", error.what());
    return 1;
  }
  std::puts("lull can run here");
  return 0;
}
