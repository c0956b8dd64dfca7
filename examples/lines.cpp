// SPDX-License-Identifier: MIT
// Turns each line that it is sent round, on every core, at 127.0.0.1:7008 until SIGINT or SIGTERM;
// then it answers what it was asked and ends. Try it: printf 'one\ntwo\n' | nc -N 127.0.0.1 7008
#include <lull/io/buffered_reader.hpp>
#include <lull/io/buffered_writer.hpp>
#include <lull/io/service.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/timeout.hpp>

#include <algorithm>
#include <cstdio>
#include <string>

lull::task<> converse(lull::tcp_stream peer, lull::session& session) {
  lull::buffered_reader reader(peer, 4096);
  lull::buffered_writer writer(peer);
  for (;;) {
    const auto line = co_await reader.read_line();
    if (!line || line->ended()) break;  // gone, silent for a minute, or longer than 4096 bytes
    const auto request = session.begin_request();
    std::string answer(line->text());
    std::reverse(answer.begin(), answer.end());
    answer += '\n';
    const auto written = co_await writer.write(answer);  // many lines at once are one send
    if (!written) co_return;
  }
  (void)co_await lull::shield(lull::timeout(std::chrono::seconds(1), writer.flush()));
}

lull::task<> serve() {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(7008)).value();
  std::printf("core %u listens on %s\n", lull::this_core(), listener.local().to_string().c_str());
  std::fflush(stdout);  // now, where that is a file or a pipe
  auto serving = lull::serve(listener, converse, {.connections = 50'000});
  const auto counts = (co_await std::move(serving)).value();
  std::printf("core %u answered %llu lines over %llu connections\n", lull::this_core(),
              static_cast<unsigned long long>(counts.requests),
              static_cast<unsigned long long>(counts.accepted));
}

int main() { return lull::run({}, serve); }
