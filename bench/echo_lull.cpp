// SPDX-License-Identifier: MIT
// The echo server of the io benchmark, as a user of lull would write it: it answers from the
// receive buffers, and runs one core for each CPU it is allowed (the benchmark allows one).
//
// Usage: echo_lull PORT [6.1]. Listens on 127.0.0.1 until SIGTERM. With a version of Linux it uses
// nothing that came later.

#include <cstdio>
#include <cstdlib>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <utility>

namespace {

lull::task<> echo(lull::tcp_stream peer) {
  for (;;) {
    auto got = co_await peer.receive();
    if (!got || got->empty()) break;
    auto sent = co_await peer.send_all(*got);
    if (!sent) break;
  }
}

lull::task<> accept_all(lull::tcp_listener& listener, lull::scope& connections) {
  for (;;) {
    auto peer = co_await listener.accept();
    if (!peer) break;
    connections.spawn(echo, std::move(*peer));
  }
}

lull::task<> serve(lull::address where) {
  lull::tcp_listener listener = lull::tcp_listener::bind(where).value();
  lull::scope connections;
  connections.spawn([&listener, &connections] { return accept_all(listener, connections); });
  co_await lull::stop_requested();
  connections.request_stop();
  co_await connections.join();
}

}  // namespace

int main(int argument_count, char** arguments) {
  const int port = argument_count >= 2 ? std::atoi(arguments[1]) : 0;
  unsigned major = 0;
  unsigned minor = 0;
  const bool limited = argument_count == 3;
  if (port < 1 || port > 65535 || argument_count > 3 ||
      (limited && std::sscanf(arguments[2], "%u.%u", &major, &minor) != 2)) {
    std::fprintf(stderr, "usage: echo_lull PORT [6.1] (1 to 65535, on 127.0.0.1; of Linux)\n");
    return 2;
  }
  lull::run_options options;
  if (limited) options.core.ring.allowed = lull::capabilities::of_linux(major, minor);
  const auto where = lull::address::loopback(static_cast<std::uint16_t>(port));
  return lull::run(options, [where] { return serve(where); });
}
