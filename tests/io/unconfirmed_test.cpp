// SPDX-License-Identifier: MIT
// What a stream has sent without copying when its core ends: io/unconfirmed.hpp.
#include <lull/io/unconfirmed.hpp>

#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/runtime.hpp>

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
