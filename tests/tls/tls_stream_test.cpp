// SPDX-License-Identifier: MIT
#include <lull/tls/tls_stream.hpp>

#include <array>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/timeout.hpp>
#include <lull/tls/limits.hpp>

#include "../io/connected.hpp"
#include "tls_pair.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::pattern;
using tls_test::hear;
using tls_test::hear_into;
using tls_test::say;
using tls_test::send_over;
using tls_test::tls_connected;
using tls_test::tls_pair;

TEST_CASE("what is sent over TLS arrives, small and large, both ways at a time") {
  const auto bytes = GENERATE(std::size_t{1}, std::size_t{5000}, std::size_t{1'000'000});
  const bool kernel_sends = GENERATE(false, true);
  on_core([=]() -> lull::task<> {
    auto connecting = tls_connected(kernel_sends);
    tls_pair both = co_await std::move(connecting);
    const std::string one = pattern(bytes), other = pattern(bytes, 7);
    lull::scope all;
    lull::result<void> sent, sent_back;
    std::string got, got_back;
    all.spawn(send_over, std::ref(both.client), std::cref(one), std::ref(sent));
    all.spawn(send_over, std::ref(both.server), std::cref(other), std::ref(sent_back));
    all.spawn(hear_into, std::ref(both.server), bytes, std::ref(got));
    all.spawn(hear_into, std::ref(both.client), bytes, std::ref(got_back));
    co_await all.join();
    CHECK(sent);
    CHECK(sent_back);
    CHECK((got == one));
    CHECK((got_back == other));
    CHECK(both.client.version() == "TLSv1.3");
    CHECK(both.client.peer() == both.server.transport().local().value());
  });
}

TEST_CASE("a TLS stream receives into the caller's buffer, and sends from several places") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    const std::string text = pattern(40'000);
    const auto bytes = std::as_bytes(std::span(text));
    const std::vector<std::span<const std::byte>> places = {
        bytes.first(1), {}, bytes.subspan(1, 20'000), bytes.subspan(20'001)};
    lull::scope sending;
    sending.spawn([&]() -> lull::task<> {
      auto all = both.client.send_all(places);
      const auto sent = co_await std::move(all);
      CHECK(sent);
    });
    std::vector<std::byte> into(39'990);
    auto receiving = both.server.receive_exactly(into);
    const auto whole = co_await std::move(receiving);
    REQUIRE(whole);
    CHECK(*whole == into.size());
    CHECK(std::ranges::equal(into, bytes.first(into.size())));
    std::array<std::byte, 4> few;
    auto some = both.server.receive(few);
    const auto got = co_await std::move(some);
    REQUIRE(got);
    CHECK(*got == 4);
    some = both.server.receive(std::span<std::byte>());
    const auto none = co_await std::move(some);
    REQUIRE(none);
    CHECK(*none == 0);
    co_await sending.join();
    auto ending = both.client.shutdown();
    const auto ended = co_await std::move(ending);
    CHECK(ended);
    receiving = both.server.receive_exactly(into);
    const auto rest = co_await std::move(receiving);
    REQUIRE(rest);
    CHECK(*rest == 6);
  });
}

TEST_CASE(
    "a record, or what is left of it, was received in two blocks where its size was not known") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    std::error_code error;
    for (const std::size_t before : {std::size_t{0}, std::size_t{1}, std::size_t{3000}}) {
      auto saying = say(both.client, pattern(10'000), error);
      co_await std::move(saying);
      std::vector<std::byte> into(before);
      auto beginning = both.server.receive(into);
      const auto begun = co_await std::move(beginning);
      REQUIRE(begun);
      CHECK(*begun == before);
      auto receiving = both.server.receive();
      const auto got = co_await std::move(receiving);
      REQUIRE(got);
      CHECK(got->text() == pattern(10'000).substr(before));
      CHECK(both.server.unread() == 0);
    }
  });
}

TEST_CASE("after a farewell the peer reads the end, and may still send") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    auto ending = both.client.shutdown();
    const auto ended = co_await std::move(ending);
    CHECK(ended);
    for (int i = 0; i < 2; ++i) {
      auto receiving = both.server.receive();
      const auto end = co_await std::move(receiving);
      REQUIRE(end);
      CHECK(end->empty());
    }
    // TCP says so, too.
    const auto raw =
        co_await lull::timeout(std::chrono::seconds(1), both.server.transport().receive());
    CHECK(!raw.timed_out());
    std::error_code error;
    auto late = say(both.client, "late", error);
    co_await std::move(late);
    CHECK(error == std::errc::broken_pipe);
    auto saying = say(both.server, "still open this way", error);
    co_await std::move(saying);
    CHECK(!error);
    auto hearing = hear(both.client, 19);
    const std::string got = co_await std::move(hearing);
    CHECK(got == "still open this way");
    auto again = both.client.shutdown();
    const auto twice = co_await std::move(again);
    CHECK(twice);
  });
}

TEST_CASE("a connection that ends without a farewell is a failure, one with it is the end") {
  for (const bool farewell : {true, false}) {
    on_core([farewell]() -> lull::task<> {
      auto connecting = tls_connected();
      tls_pair both = co_await std::move(connecting);
      auto reading = tls_test::read_tickets(both);
      co_await std::move(reading);
      std::error_code error;
      auto saying = say(both.client, "text", error);
      co_await std::move(saying);
      if (farewell) {
        co_await both.client.close();
        CHECK(!both.client.is_open());
      } else {
        both.client = lull::tls_stream();
      }
      auto hearing = hear(both.server, 100);
      const std::string got = co_await std::move(hearing);
      if (farewell) {
        CHECK(got == "text");
      } else {
        CHECK_THAT(got, ContainsSubstring("text (receive 127.0.0.1:") &&
                            ContainsSubstring("without a farewell"));
        auto receiving = both.server.receive();
        const auto again = co_await std::move(receiving);
        CHECK(again.error() == std::errc::connection_aborted);
      }
    });
  }
}

TEST_CASE("what is called on a TLS stream that was closed fails") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    co_await both.client.close();
    co_await both.client.close();
    std::array<std::byte, 4> into;
    auto receiving = both.client.receive();
    const auto block = co_await std::move(receiving);
    CHECK(block.error() == std::errc::bad_file_descriptor);
    auto filling = both.client.receive(into);
    const auto filled = co_await std::move(filling);
    CHECK(filled.error() == std::errc::bad_file_descriptor);
    auto exactly = both.client.receive_exactly(into);
    const auto whole = co_await std::move(exactly);
    CHECK(whole.error() == std::errc::bad_file_descriptor);
    auto sending = both.client.send_all("x");
    const auto sent = co_await std::move(sending);
    CHECK(sent.error() == std::errc::bad_file_descriptor);
    auto ending = both.client.shutdown();
    const auto ended = co_await std::move(ending);
    CHECK_THAT(ended.message(), ContainsSubstring("shutdown 127.0.0.1:"));
  });
}

TEST_CASE("what was decrypted is a value that moves") {
  lull::tls_received one(100);
  one.filled(3);
  CHECK(one.size() == 3);
  lull::tls_received other = std::move(one);
  CHECK(one.empty());
  CHECK(other.bytes().size() == 3);
  one = std::move(other);
  CHECK(other.empty());
  CHECK(one.size() == 3);
  one = lull::tls_received();
  CHECK(one.empty());
}
