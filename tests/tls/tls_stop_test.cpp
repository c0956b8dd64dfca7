// SPDX-License-Identifier: MIT
// TLS streams that are stopped, closed and dropped in use, and keys that are changed.
#include <openssl/ssl.h>

#include <array>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/timeout.hpp>
#include <lull/tls/limits.hpp>
#include <lull/tls/tls_state.hpp>

#include "../allocations.hpp"
#include "../io/connected.hpp"
#include "tls_pair.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::pattern;
using tls_test::hear;
using tls_test::hear_into;
using tls_test::narrowly_connected;
using tls_test::say;
using tls_test::send_over;
using tls_test::tls_connected;
using tls_test::tls_pair;

TEST_CASE("a receive over TLS that is stopped loses nothing") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    const std::string text = pattern(3000);
    std::string got;
    lull::result<void> sent;
    for (int i = 0; got.size() < text.size(); ++i) {
      lull::scope sending;
      const std::string part = text.substr(got.size(), 100);
      sending.spawn(send_over, std::ref(both.client), std::cref(part), std::ref(sent));
      for (int turn = 0; turn < i % 7; ++turn) co_await lull::yield();
      const std::size_t wanted = got.size() + part.size();
      while (got.size() < wanted) {
        auto some = co_await lull::timeout(lull::nanoseconds(1), both.server.receive());
        if (some.has_value() && *some) got += (*some)->text();
      }
      co_await sending.join();
      CHECK(sent);
    }
    CHECK((got == text));
  });
}

TEST_CASE("a send over TLS that is stopped leaves no gap in what the peer decrypts") {
  const bool kernel_sends = GENERATE(false, true);
  on_core([=]() -> lull::task<> {
    auto connecting = narrowly_connected(kernel_sends);
    tls_pair both = co_await std::move(connecting);
    // The peer does not read: the send comes to a stop in the middle of a record.
    const std::string text = pattern(6'000'000);
    lull::result<void> sent;
    {
      lull::scope sending;
      sending.spawn(send_over, std::ref(both.client), std::cref(text), std::ref(sent));
      co_await lull::sleep(std::chrono::milliseconds(2));
      CHECK(sending.size() == 1);
      sending.request_stop();
      co_await sending.join();
    }
    CHECK(sent.error() == std::errc::operation_canceled);
    lull::scope sending;
    const std::string more = "more";
    sending.spawn(send_over, std::ref(both.client), std::cref(more), std::ref(sent));
    std::string got;
    while (!got.ends_with("more")) {
      auto hearing = hear(both.server, 1);
      const std::string part = co_await std::move(hearing);
      REQUIRE(!part.empty());
      REQUIRE(part.front() != ' ');
      got += part;
    }
    co_await sending.join();
    CHECK(sent);
    CHECK(got.size() < text.size());
    CHECK(text.starts_with(got.substr(0, got.size() - 4)));
  });
}

TEST_CASE("closing TLS does not wait for a peer that does not read, and ends what is in flight") {
  on_core([]() -> lull::task<> {
    for (const bool sends : {true, false}) {
      auto connecting = narrowly_connected();
      tls_pair both = co_await std::move(connecting);
      const std::string text = pattern(6'000'000);
      lull::result<void> sent;
      std::string got;
      lull::scope working;
      if (sends) working.spawn(send_over, std::ref(both.client), std::cref(text), std::ref(sent));
      working.spawn(hear_into, std::ref(both.client), std::size_t{1}, std::ref(got));
      co_await lull::sleep(std::chrono::milliseconds(2));
      co_await both.client.close();
      co_await working.join();
      if (sends) CHECK(sent.error() == std::errc::operation_canceled);
      CHECK_THAT(got, ContainsSubstring("receive") && ContainsSubstring("closed meanwhile"));
    }
  });
}

TEST_CASE("a TLS stream that is dropped in use ends what is in flight") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    std::string got;
    lull::scope working;
    working.spawn(hear_into, std::ref(both.client), std::size_t{1}, std::ref(got));
    co_await lull::yield();
    lull::tls_stream moved = std::move(both.client);
    CHECK(moved.is_open());
    CHECK(!both.client.is_open());
    moved = lull::tls_stream();
    co_await working.join();
    CHECK_THAT(got, ContainsSubstring("Operation canceled"));
  });
}

TEST_CASE("a TLS stream that is dropped ends those who send, and those who wait for their turn") {
  on_core([]() -> lull::task<> {
    auto connecting = narrowly_connected();
    tls_pair both = co_await std::move(connecting);
    const std::string text = pattern(6'000'000);
    lull::result<void> first, second;
    lull::scope working;
    working.spawn(send_over, std::ref(both.client), std::cref(text), std::ref(first));
    working.spawn(send_over, std::ref(both.client), std::cref(text), std::ref(second));
    co_await lull::sleep(std::chrono::milliseconds(2));
    CHECK(working.size() == 2);
    both.client = lull::tls_stream();
    co_await working.join();
    CHECK(first.error() == std::errc::operation_canceled);
    CHECK(second.error() == std::errc::bad_file_descriptor);
  });
}

TEST_CASE("a small message over TLS allocates nothing in the long run, a large one keeps nothing") {
  test::need_allocations();
  if (!lull::detail::frame_pool::pools) SKIP("AddressSanitizer sees every frame on the heap");
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    std::array<std::byte, 100> into;
    const std::string small(into.size(), 'x');
    const std::string large = pattern(lull::limits::tls_gathered);
    std::size_t before = 0;
    bool good = true;
    for (int i = 0; i < 40; ++i) {
      if (i == 20) before = test::allocations();
      auto sending = both.client.send_all(small);
      const auto sent = co_await std::move(sending);
      auto receiving = both.server.receive_exactly(into);
      const auto got = co_await std::move(receiving);
      good = good && sent && got;
    }
    const std::size_t after = test::allocations();
    CHECK(good);
    CHECK(after - before == 0);
    std::vector<std::byte> much(large.size());
    const auto& transport = lull::detail::tls_state::of(both.client.connection()).transport();
    for (int i = 0; i < 3; ++i) {
      auto sending = both.client.send_all(large);
      const auto sent = co_await std::move(sending);
      CHECK(sent);
      CHECK(transport.room() <= 2 * lull::limits::tls_kept);
      auto receiving = both.server.receive_exactly(much);
      const auto got = co_await std::move(receiving);
      CHECK(got);
    }
  });
}

TEST_CASE("keys are changed on the way, whichever side asks for it, and nothing is lost") {
  if (tls_test::by_kernel) SKIP("the kernel changes none");
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    for (int i = 0; i < 20; ++i) {
      lull::tls_stream& from = i % 3 == 0 ? both.client : both.server;
      lull::tls_stream& to = i % 3 == 0 ? both.server : both.client;
      REQUIRE(SSL_key_update(&from.connection(), SSL_KEY_UPDATE_REQUESTED) == 1);
      std::error_code error;
      auto saying = say(from, "text", error);
      co_await std::move(saying);
      CHECK(!error);
      auto hearing = hear(to, 4);
      const std::string got = co_await std::move(hearing);
      CHECK(got == "text");
    }
    // What the peer is owed is sent by who receives, without a send.
    lull::scope waiting;
    std::string got;
    waiting.spawn(hear_into, std::ref(both.client), std::size_t{4}, std::ref(got));
    REQUIRE(SSL_key_update(&both.server.connection(), SSL_KEY_UPDATE_REQUESTED) == 1);
    std::error_code error;
    auto saying = say(both.server, "last", error);
    co_await std::move(saying);
    co_await waiting.join();
    CHECK(got == "last");
    waiting.spawn(hear_into, std::ref(both.client), std::size_t{1}, std::ref(got));
    auto answered = co_await both.server.transport().receive();
    REQUIRE(answered);
    CHECK(!answered->empty());
    co_await both.client.close();
    co_await waiting.join();
  });
}

TEST_CASE("where memory is short TLS fails or throws, and leaves nothing behind") {
  test::need_allocations();
  const lull::tls_server server = tls_test::common_server();
  bool met = true;
  int failures = 0;
  for (std::size_t passes = 0; met; ++passes) {
    on_core([&]() -> lull::task<> {
      const lull::tls_client client = tls_test::common_client();
      auto connecting = tls_test::tcp_connected();
      auto over = co_await std::move(connecting);
      const test::failing_allocations short_of(passes, test::failing::once);
      bool good = false;
      try {
        auto shaking = tls_test::shake_hands(std::move(over), client, server);
        tls_pair both = co_await std::move(shaking);
        std::error_code error;
        if (both.client_failure.empty() && both.server_failure.empty()) {
          auto saying = say(both.client, std::string(100, 'x'), error);
          co_await std::move(saying);
        }
        if (both.client.is_open() && both.server.is_open() && !error) {
          auto hearing = hear(both.server, 100);
          const std::string got = co_await std::move(hearing);
          good = got == std::string(100, 'x');
        }
      } catch (const std::bad_alloc&) {
        good = false;
      }
      met = short_of.met();
      if (!good) ++failures;
      if (!met) CHECK(good);
    });
  }
  CHECK(failures > 5);
}

TEST_CASE("a record for which there was no memory is received once there is some") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    const std::string text(10'000, 'x');
    std::error_code error;
    auto beginning = say(both.client, "a", error);
    co_await std::move(beginning);
    auto hearing = both.server.receive();  // so that there is memory for what a receive takes
    const auto heard = co_await std::move(hearing);
    CHECK(heard);
    auto saying = say(both.client, text, error);
    co_await std::move(saying);
    bool thrown = false;
    {
      const test::denied_allocations none(text.size());
      auto receiving = both.server.receive();
      try {
        const auto got = co_await std::move(receiving);
        CHECK(!got);
      } catch (const std::bad_alloc&) {
        thrown = true;
      }
    }
    auto receiving = both.server.receive();
    const auto got = co_await std::move(receiving);
    REQUIRE(got);
    CHECK(got->text() == text);
    CHECK(thrown);
  });
}
