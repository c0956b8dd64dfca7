// SPDX-License-Identifier: MIT
// Answers each datagram with the address that it came from, on every core, at 127.0.0.1:7009 until
// SIGINT or SIGTERM. Try it: printf '?' | nc -u -W 1 127.0.0.1 7009
#include <lull/io/udp_socket.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/semaphore.hpp>
#include <lull/sched/when_any.hpp>
#include <lull/sched/with_scope.hpp>

#include <cstdio>
#include <string>
#include <utility>

lull::task<> answer(lull::udp_socket* socket, lull::address to, lull::semaphore* room) {
  const std::string text = to.to_string();
  const auto sent = co_await socket->send_to(to, text);
  if (!sent && sent.error() != std::errc::operation_canceled) {
    std::fprintf(stderr, "%s\n", sent.message().c_str());  // and goes on with others
  }
  room->release();
}

// Each by a task of its own: all that came in one iteration leave in one system call.
lull::task<> answer_all(lull::udp_socket& socket, lull::scope& answers, lull::semaphore& room) {
  for (;;) {
    const auto question = co_await socket.receive();
    if (!question) co_return;  // asked to stop, most likely
    const bool has_room = co_await room.acquire();
    if (!has_room) co_return;
    answers.spawn(answer, &socket, question->peer, &room);
  }
}

lull::task<> serve() {
  // Each core has a socket of its own at the same address; the kernel spreads the peers over them.
  const auto here = lull::address::loopback(7009);
  auto socket = lull::udp_socket::bind(here, {.reuse_port = true}).value();
  lull::semaphore room(1'000);  // answers that wait at a time until the kernel takes them
  co_await lull::with_scope([&](lull::scope& answers) -> lull::task<> {
    auto answering = answer_all(socket, answers, room);
    co_await lull::when_any(std::move(answering), lull::stop_requested());
    answers.request_stop();
  });
}

int main() { return lull::run({}, serve); }
