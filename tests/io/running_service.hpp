// SPDX-License-Identifier: MIT
#pragma once

// A service of lines on the core under test, and what its peers hear.

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include <lull/io/buffered_reader.hpp>
#include <lull/io/buffered_writer.hpp>
#include <lull/io/service.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/event.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "on_core.hpp"
#include "raw_peer.hpp"

// What the peer is answered is the text.
#define ANSWER(peer, text)                                \
  do {                                                    \
    auto answered = io_test::answer(peer);                \
    const auto got_answer = co_await std::move(answered); \
    CHECK(got_answer == (text));                          \
  } while (false)

namespace io_test {

// Answers each line; "wait" first waits for `go_on`, and "wait long" without a limit; "stay" lets
// the connection idle for ever; "throw" ends by an exception, "value" by that of a stopped
// operation.
struct line_handler {
  lull::event* go_on;

  template <class Stream>
  lull::task<> operator()(Stream peer, lull::session& session) const {
    lull::buffered_reader from(peer, 100);
    lull::buffered_writer to(peer);
    for (;;) {
      const auto line = co_await from.read_line();
      if (!line || line->ended()) break;
      const bool is_long = line->text() == "wait long";
      const auto request =
          is_long ? session.begin_request(lull::nanoseconds(0)) : session.begin_request();
      if (line->text() == "throw") throw std::runtime_error("as it was asked to");
      if (line->text() == "stay") session.idle_limit(lull::nanoseconds(0));
      if (line->text().starts_with("wait") && go_on != nullptr) co_await go_on->wait();
      if (line->text() == "value") {
        auto got = co_await peer.receive();
        got.value();
      }
      (void)co_await to.write(session.ending() ? "last " : "answer ");
      (void)co_await to.write(line->text());
      (void)co_await to.write("\n");
    }
    (void)co_await lull::shield(lull::timeout(std::chrono::seconds(1), to.flush()));
  }
};

// A service that runs beside the test, and how it has ended.
template <class Listener>
struct running_service {
  running_service(Listener l, const lull::service_options& options, lull::event* go_on)
      : listener(std::move(l)), service(options) {
    scope.spawn([this, go_on]() -> lull::task<> {
      auto running = service.run(listener, line_handler{go_on});
      const auto result = co_await std::move(running);
      error = result.error();
      message = result.message();
      ended = true;
    });
  }
  lull::task<> stop() {
    scope.request_stop();
    co_await scope.join();
  }
  // Until it has begun to end: nobody is accepted any more.
  lull::task<> stopping() {
    scope.request_stop();
    for (int i = 0; listener.is_open() && i < 1000; ++i) co_await lull::yield();
    co_await lull::sleep(std::chrono::milliseconds(1));
  }

  Listener listener;
  lull::service service;
  lull::scope scope;
  std::error_code error;
  std::string message;
  bool ended = false;
};
inline lull::tcp_listener any_port() {
  return lull::tcp_listener::bind(lull::address::loopback(0)).value();
}

// The peer's side must not block the core that serves it.
inline lull::task<std::string> answer(raw_peer& peer) {
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    char some[1000];
    const ssize_t got = ::recv(peer.descriptor(), some, sizeof(some), MSG_DONTWAIT);
    if (got > 0) text.append(some, static_cast<std::size_t>(got));
    if (got == 0) co_return text + "(end)";
    if (got < 0 && errno != EAGAIN) co_return text + "(reset)";
    if (!text.empty() && text.back() == '\n') co_return text;
    co_await lull::sleep(std::chrono::microseconds(500));
  }
  co_return text + "(nothing)";
}

// Until `condition`, for a second at most.
template <class Condition>
lull::task<bool> comes_true(Condition condition) {
  for (int i = 0; i < 2000 && !condition(); ++i)
    co_await lull::sleep(std::chrono::microseconds(500));
  co_return condition();
}

}  // namespace io_test
