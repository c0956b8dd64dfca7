// SPDX-License-Identifier: MIT
// What a stream has sent without copying when its core ends: io/unconfirmed.hpp.
#include <lull/io/unconfirmed.hpp>

#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "connected.hpp"
#include "guarded_bytes.hpp"
#include "on_core.hpp"
#include "raw_peer.hpp"

TEST_CASE("a peer that confirms nothing made a runtime abort whose limit was below its patience") {
  constexpr std::size_t sent_bytes = 128 * 1024;
  io_test::need_locked_memory(4 * sent_bytes);
  io_test::guarded_bytes bytes(io_test::pattern(sent_bytes));
  std::optional<io_test::raw_peer> peer;
  lull::run_options options;
  options.shutdown_limit = std::chrono::milliseconds(800);
  options.cores = {lull::all_cores()[0]};
  lull::runtime(options).run([&]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    peer.emplace(listener.local(), 8192);
    auto stream = co_await listener.accept();
    REQUIRE(stream);
    auto sent = co_await stream->send_all_zero_copy(bytes.owner(), bytes.text());
    CHECK(sent);
    CHECK_FALSE(bytes.released());
  });
  CHECK(bytes.released_well());
}

TEST_CASE("a patience was forgotten when it was said again that closing does not reset") {
  io_test::need_locked_memory(4 * lull::limits::zero_copy_bytes);
  io_test::guarded_bytes bytes(io_test::pattern(lull::limits::zero_copy_bytes));
  io_test::on_core([&]() -> lull::task<> {
    io_test::connection both = co_await io_test::connected();
    both.peer.turn_deaf();
    both.stream.close_patience(std::chrono::milliseconds(2));
    CHECK(both.stream.reset_on_close(false));
    auto sent = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
    CHECK(sent);
    lull::scope closing;
    closing.spawn([&]() -> lull::task<> { co_await both.stream.close(); });
    for (int i = 0; i < 100 && !bytes.released(); ++i) {
      co_await lull::sleep(std::chrono::milliseconds(2));
    }
    CHECK(bytes.released());
    co_await closing.join();
  });
}
