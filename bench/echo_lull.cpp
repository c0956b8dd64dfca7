// SPDX-License-Identifier: MIT
// The echo server of the io benchmark, as a user of lull would write it: it answers from the
// receive buffers, and runs one core for each CPU it is allowed (the benchmark allows one).
//
// Usage: echo_lull PORT. Listens on 127.0.0.1 until SIGTERM.

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
  const int port = argument_count == 2 ? std::atoi(arguments[1]) : 0;
  if (port < 1 || port > 65535) {
    std::fprintf(stderr, "usage: echo_lull PORT (1 to 65535, on 127.0.0.1)\n");
    return 2;
  }
  const auto where = lull::address::loopback(static_cast<std::uint16_t>(port));
  return lull::run({}, [where] { return serve(where); });
}
