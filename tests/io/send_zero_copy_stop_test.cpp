// SPDX-License-Identifier: MIT
// Sends without copying that are stopped, and streams that are closed while the kernel still reads
// their bytes: these are neither released before it has ended, nor kept for ever.
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/io_core.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "../allocations.hpp"
#include "../ring/fault_watch.hpp"
#include "../ring/refusing_zero_copy.hpp"
#include "connected.hpp"
#include "guarded_bytes.hpp"
#include "on_core.hpp"

using io_test::connected;
using io_test::connection;
using io_test::guarded_bytes;
using io_test::on_core;
using io_test::pattern;

namespace {

constexpr std::chrono::milliseconds a_short_while{2};
// More than a peer with a small buffer takes without reading.
constexpr std::size_t stuck_bytes = 128 * 1024;

lull::task<> send_guarded(lull::tcp_stream& stream, guarded_bytes& bytes, std::error_code& error) {
  auto sent = co_await stream.send_all_zero_copy(bytes.owner(), bytes.text());
  error = sent.error();
}

// Accepted by the kernel, never confirmed by the peer.
lull::task<> send_in_vain(lull::tcp_stream& stream, guarded_bytes& bytes) {
  auto sent = co_await stream.send_all_zero_copy(bytes.owner(), bytes.text());
  CHECK(sent);
  co_await lull::sleep(a_short_while);
  CHECK(!bytes.released());
  CHECK(bytes.text()[0] == 'a');
}

}  // namespace

TEST_CASE("a send without copying ends when it is stopped, and its owner when the kernel is done") {
  io_test::need_locked_memory(32'000'000);
  test::fault_watch kernel;
  const std::string text = pattern(8'000'000);  // more than all buffers take
  guarded_bytes first(text), second(text), third(text);
  const auto body = [&]() -> lull::task<> {
    connection both = co_await connected(4096);
    both.stream.close_patience(a_short_while);
    std::error_code error;
    {
      lull::scope scope;
      scope.request_stop();
      scope.spawn(send_guarded, std::ref(both.stream), std::ref(first), std::ref(error));
      co_await scope.join();
    }
    CHECK(error == std::errc::operation_canceled);
    CHECK(first.released_well());
    CHECK(lull::io_here().zero_copy_sends == 0);

    auto sending = send_guarded(both.stream, second, error);
    const bool in_time = co_await lull::timeout(a_short_while, std::move(sending));
    CHECK(!in_time);
    CHECK(error == std::errc::operation_canceled);
    CHECK(!second.released());  // in part it is in the queue of the socket

    lull::scope scope;
    scope.spawn(send_guarded, std::ref(both.stream), std::ref(third), std::ref(error));
    co_await lull::yield();
    error.clear();
    co_await both.stream.close();
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
    CHECK(second.released());
    CHECK(third.released());
  };
  on_core({}, body, kernel);
  CHECK(second.released_well());
  CHECK(third.released_well());
  CHECK(kernel.faults == 0);
}

namespace {

void race_with_stops(lull::kernel& through) {
  const auto body = []() -> lull::task<> {
    int done = 0;
    for (int i = 0; i < 60; ++i) {
      connection both = co_await connected();
      guarded_bytes bytes(pattern(stuck_bytes));
      std::error_code error = std::make_error_code(std::errc::interrupted);
      lull::scope scope;
      scope.spawn(send_guarded, std::ref(both.stream), std::ref(bytes), std::ref(error));
      if (i % 3 != 0) co_await lull::yield();
      if (i % 3 == 2) co_await lull::sleep(std::chrono::microseconds(i));
      scope.request_stop();
      co_await scope.join();
      if (!error) ++done;
      CHECK((!error || error == std::errc::operation_canceled));
      both.stream.reset_on_close(true).value();
      co_await both.stream.close();
      CHECK(bytes.released_well());
    }
    CHECK(done > 0);
    CHECK(done < 60);
  };
  on_core({}, body, through);
}

}  // namespace

TEST_CASE("a send without copying that races with its stop is done or undone, and let go once") {
  race_with_stops(lull::real_kernel());
}

TEST_CASE("a send that is refused and stopped at the same time is one that was stopped") {
  test::refusing_zero_copy kernel;
  race_with_stops(kernel);
}

TEST_CASE("closing gives a peer that does not read its time, then resets the connection") {
  io_test::need_locked_memory(4 * stuck_bytes);
  test::fault_watch kernel;
  guarded_bytes bytes(pattern(stuck_bytes));
  const auto body = [&]() -> lull::task<> {
    connection both = co_await connected(8192);
    both.stream.close_patience(10 * a_short_while);
    auto sending = send_in_vain(both.stream, bytes);
    co_await std::move(sending);
    const auto before = std::chrono::steady_clock::now();
    co_await both.stream.close();
    CHECK(std::chrono::steady_clock::now() - before >= 10 * a_short_while);
    CHECK(bytes.released());
    CHECK(lull::io_here().unconfirmed == 0);
    // What came before is there, then the reset.
    std::string got;
    ssize_t last = 0;
    do {
      char some[1000];
      last = ::recv(both.peer.descriptor(), some, sizeof(some), 0);
      if (last > 0) got.append(some, static_cast<std::size_t>(last));
    } while (last > 0);
    CHECK(last == -1);
    CHECK(errno == ECONNRESET);
    CHECK(pattern(stuck_bytes).starts_with(got));
  };
  on_core(lull::core_options(), body, kernel);
  CHECK(bytes.released_well());
  CHECK(kernel.faults == 0);
}

TEST_CASE("bytes are kept for a peer that acknowledges nothing, until the connection is reset") {
  io_test::need_locked_memory(4 * stuck_bytes);
  test::fault_watch kernel;
  guarded_bytes bytes(pattern(lull::limits::zero_copy_bytes));
  const auto body = [&]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.turn_deaf();
    both.stream.close_patience(a_short_while);
    auto sending = send_in_vain(both.stream, bytes);
    co_await std::move(sending);
    co_await lull::sleep(10 * a_short_while);
    CHECK(!bytes.released());
    co_await both.stream.close();
  };
  on_core({}, body, kernel);
  CHECK(bytes.released_well());
  CHECK(kernel.notifications == 1);
  CHECK(kernel.faults == 0);
}

TEST_CASE("closing loses nothing of what a slow peer confirms in time") {
  io_test::need_locked_memory(4 * stuck_bytes);
  guarded_bytes bytes(pattern(stuck_bytes));
  on_core([&]() -> lull::task<> {
    connection both = co_await connected(8192);
    both.stream.close_patience(std::chrono::milliseconds::max());  // for ever is allowed
    auto sending = send_in_vain(both.stream, bytes);
    co_await std::move(sending);
    lull::scope closing;
    closing.spawn([&]() -> lull::task<> { co_await both.stream.close(); });
    co_await lull::sleep(a_short_while);
    CHECK(lull::io_here().unconfirmed == 1);
    std::string got;
    bool kept = true;
    while (got.size() < stuck_bytes) {
      co_await lull::yield();
      kept = kept && (got.size() > stuck_bytes / 2 || !bytes.released());
      char some[16'384];
      const ssize_t now = ::recv(both.peer.descriptor(), some, sizeof(some), MSG_DONTWAIT);
      if (now == 0 || (now < 0 && errno != EAGAIN)) break;
      if (now > 0) got.append(some, static_cast<std::size_t>(now));
    }
    const bool whole = got == pattern(stuck_bytes);
    CHECK(whole);
    CHECK(kept);
    co_await closing.join();
    CHECK(both.peer.receive().empty());
  });
  CHECK(bytes.released_well());
}

TEST_CASE("a patience below zero became one for centuries in nanoseconds") {
  io_test::need_locked_memory(4 * stuck_bytes);
  guarded_bytes bytes(pattern(stuck_bytes));
  on_core([&]() -> lull::task<> {
    connection both = co_await connected(8192);
    both.stream.close_patience(std::chrono::milliseconds(-10'000'000'000'000));
    auto sending = send_in_vain(both.stream, bytes);
    co_await std::move(sending);
    co_await both.stream.close();
  });
  CHECK(bytes.released_well());
}

TEST_CASE("a peer that resets the connection ends the reading of what it had not confirmed") {
  io_test::need_locked_memory(4 * stuck_bytes);
  guarded_bytes bytes(pattern(stuck_bytes));
  on_core([&]() -> lull::task<> {
    connection both = co_await connected(8192);
    auto sending = send_in_vain(both.stream, bytes);
    co_await std::move(sending);
    both.peer.reset();
    while (lull::io_here().unconfirmed != 0) co_await lull::yield();
    CHECK(bytes.released());
    auto late = co_await both.stream.send_all("x");
    CHECK(!late);
  });
  CHECK(bytes.released_well());
}

TEST_CASE("a stream is dropped with bytes unconfirmed, and the core ends all the same") {
  io_test::need_locked_memory(4 * stuck_bytes);
  for (const bool patient : {true, false}) {
    test::fault_watch kernel;
    guarded_bytes bytes(pattern(stuck_bytes));
    // The peer stays, and does not read, until the core has ended.
    io_test::raw_peer left(::dup(STDERR_FILENO));
    const auto body = [&]() -> lull::task<> {
      connection both = co_await connected(8192);
      left = std::move(both.peer);
      if (patient) {
        both.stream.close_patience(20 * a_short_while);
      } else {
        both.stream.reset_on_close(true).value();
      }
      auto sending = send_in_vain(both.stream, bytes);
      co_await std::move(sending);
      lull::tcp_stream(std::move(both.stream));
      CHECK(!bytes.released());
    };
    on_core({}, body, kernel);
    CHECK(bytes.released_well());
    CHECK(kernel.faults == 0);
    CHECK(kernel.notifications == 1);
  }
}

TEST_CASE("a send without copying for which there is no memory throws, and lets its owner go") {
  test::need_allocations();
  bool met = true;
  int thrown = 0;
  for (std::size_t passes = 0; met; ++passes) {
    guarded_bytes bytes(pattern(stuck_bytes));
    on_core([&]() -> lull::task<> {
      connection both = co_await connected();
      both.stream.reset_on_close(true).value();
      const test::failing_allocations short_of(passes, test::failing::once);
      try {
        auto sent = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
        CHECK(sent);
      } catch (const std::bad_alloc&) {
        ++thrown;
        CHECK(bytes.released());
      }
      met = short_of.met();
    });
    CHECK(bytes.released_well());
  }
  CHECK(thrown > 0);
}
