// SPDX-License-Identifier: MIT
// Sends back what it is sent, on every core, at 127.0.0.1:7007 until SIGINT or SIGTERM.
#include <lull/io/service.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/runtime.hpp>

#include <cstdio>

lull::task<> converse(lull::tcp_stream peer, lull::session& session) {
  for (;;) {
    auto bytes = co_await peer.receive();
    if (!bytes || bytes->empty()) co_return;  // dropping the stream closes it
    const auto request = session.begin_request();
    auto sent = co_await peer.send_all(*bytes);
    if (!sent) co_return;
  }
}

lull::task<> serve() {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(7007)).value();
  std::printf("core %u listens on %s\n", lull::this_core(), listener.local().to_string().c_str());
  std::fflush(stdout);  // now, where that is a file or a pipe
  (co_await lull::serve(listener, converse)).value();
}

int main() { return lull::run({}, serve); }
