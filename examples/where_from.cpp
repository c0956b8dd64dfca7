// SPDX-License-Identifier: MIT
// Answers each datagram with the address that it came from, on every core, at 127.0.0.1:7009 until
// SIGINT or SIGTERM. Try it: printf '?' | nc -u -W 1 127.0.0.1 7009
#include <lull/io/udp_socket.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/when_any.hpp>

#include <cstdio>
#include <utility>

lull::task<> answer_all(lull::udp_socket& socket) {
  for (;;) {
    const auto question = co_await socket.receive();
    if (!question) co_return;  // asked to stop, most likely
    const auto sent = co_await socket.send_to(question->peer, question->peer.to_string());
    if (!sent) std::fprintf(stderr, "%s\n", sent.message().c_str());  // and goes on with others
  }
}

lull::task<> serve() {
  // Each core has a socket of its own at the same address; the kernel spreads the peers over them.
  const auto here = lull::address::loopback(7009);
  auto socket = lull::udp_socket::bind(here, {.reuse_port = true}).value();
  auto answering = answer_all(socket);
  co_await lull::when_any(std::move(answering), lull::stop_requested());
}

int main() { return lull::run({}, serve); }
