// SPDX-License-Identifier: MIT
// The datagram server of the io benchmark, as a user of lull would write it: it sends each datagram
// back, by a task of its own, so that all that came in one iteration leave in one system call.
//
// Usage: datagrams_lull PORT [in_turn]. On 127.0.0.1 until SIGTERM. With in_turn one task answers
// each before it receives the next.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <lull/io/udp_socket.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <utility>

namespace {

lull::task<> answer(lull::udp_socket* socket, lull::datagram came) {
  const auto sent = co_await socket->send_to(came.peer, came.bytes());
  if (!sent) std::fprintf(stderr, "datagrams_lull: %s\n", sent.message().c_str());
}

lull::task<> answer_all(lull::udp_socket& socket, bool in_turn, lull::scope& answers) {
  for (;;) {
    auto came = co_await socket.receive();
    if (!came) break;
    if (in_turn) {
      auto answering = answer(&socket, std::move(*came));
      co_await std::move(answering);
    } else {
      answers.spawn(answer, &socket, std::move(*came));
    }
  }
}

lull::task<> serve(lull::address where, bool in_turn) {
  lull::udp_socket socket = lull::udp_socket::bind(where).value();
  lull::scope all;
  all.spawn([&] { return answer_all(socket, in_turn, all); });
  co_await lull::stop_requested();
  all.request_stop();
  co_await all.join();
}

}  // namespace

int main(int argument_count, char** arguments) {
  const int port = argument_count > 1 ? std::atoi(arguments[1]) : 0;
  const bool in_turn = argument_count == 3 && std::strcmp(arguments[2], "in_turn") == 0;
  if (port < 1 || port > 65535 || argument_count > (in_turn ? 3 : 2)) {
    std::fprintf(stderr, "usage: datagrams_lull PORT [in_turn] (1 to 65535, on 127.0.0.1)\n");
    return 2;
  }
  const auto where = lull::address::loopback(static_cast<std::uint16_t>(port));
  return lull::run({}, [where, in_turn] { return serve(where, in_turn); });
}
