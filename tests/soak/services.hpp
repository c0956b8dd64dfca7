// SPDX-License-Identifier: MIT
#pragma once

// What is soaked: an echo, a service that turns lines round, and one that gives nobody any time.
// On the core that made them.

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <lull/io/buffered_reader.hpp>
#include <lull/io/buffered_writer.hpp>
#include <lull/io/service.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

namespace soak {

inline constexpr std::size_t longest_line = 4096;
inline constexpr std::size_t connections = 40;  // fewer than come at a time: accepting pauses

inline std::string turned_round(std::string text) {
  std::reverse(text.begin(), text.end());
  return text;
}

inline lull::task<> echo(lull::tcp_stream peer, lull::session& session) {
  for (;;) {
    auto bytes = co_await peer.receive();
    if (!bytes || bytes->empty()) co_return;
    const auto request = session.begin_request();
    auto sent = co_await peer.send_all(*bytes);
    if (!sent) co_return;
  }
}

inline lull::task<> turn_lines(lull::tcp_stream peer, lull::session& session) {
  lull::buffered_reader reader(peer, longest_line);
  lull::buffered_writer writer(peer, 8 * longest_line);
  for (;;) {
    const auto line = co_await reader.read_line();
    if (!line || line->ended()) break;
    const auto request = session.begin_request();
    const std::string answer = turned_round(std::string(line->text())) + "\n";
    const auto written = co_await writer.write(answer);
    if (!written) co_return;
  }
  (void)co_await lull::shield(lull::timeout(std::chrono::seconds(20), writer.flush()));
}

using handler = lull::task<> (*)(lull::tcp_stream, lull::session&);

struct one_service {
  one_service(lull::scope& in, handler run, const lull::service_options& options)
      : listener(lull::tcp_listener::bind(lull::address::any(0)).value()), service(options) {
    in.spawn([this, run]() -> lull::task<> {
      auto running = service.run(listener, run);
      const auto ended = co_await std::move(running);
      ended.value();
    });
  }

  lull::tcp_listener listener;
  lull::service service;
};

struct services {
  lull::scope running;
  one_service echoes{running, &echo, {.connections = connections}};
  one_service lines{running, &turn_lines, {.connections = connections}};
  one_service impatient{
      running, &turn_lines, {.connections = connections, .idle = std::chrono::milliseconds(2)}};

  lull::service_statistics counted() const noexcept {
    lull::service_statistics all;
    for (const one_service* one : {&echoes, &lines, &impatient}) {
      const lull::service_statistics of = one->service.statistics();
      all.open += of.open;
      all.accepted += of.accepted;
      all.requests += of.requests;
      all.idle += of.idle;
      all.overdue += of.overdue;
      all.cancelled += of.cancelled;
      all.exceptions += of.exceptions;
    }
    return all;
  }
};

// Where they listen, each at 127.0.0.1 to 127.0.0.250.
struct ports {
  std::uint16_t echoes = 0, lines = 0, impatient = 0;
};

}  // namespace soak
