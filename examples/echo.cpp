// SPDX-License-Identifier: MIT
// Sends back what it is sent, on every core, at 127.0.0.1:7007 until SIGINT or SIGTERM.
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/runtime.hpp>

#include <cstdio>

lull::task<> converse(lull::tcp_stream peer) {
  for (;;) {
    auto bytes = co_await peer.receive();
    if (!bytes || bytes->empty()) co_return;  // dropping the stream closes it
    auto sent = co_await peer.send_all(*bytes);
    if (!sent) co_return;
  }
}

lull::task<> accept_all(lull::tcp_listener* listener, lull::scope* peers) {
  for (;;) {
    auto peer = co_await listener->accept();
    if (!peer) co_return;
    peers->spawn(converse, std::move(*peer));
  }
}

lull::task<> serve() {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(7007)).value();
  lull::scope peers;
  peers.spawn(accept_all, &listener, &peers);
  std::printf("core %u listens on %s\n", lull::this_core(), listener.local().to_string().c_str());
  co_await lull::stop_requested();
  peers.request_stop();
  co_await peers.join();
}

int main() { return lull::run({}, serve); }
