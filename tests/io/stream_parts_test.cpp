// SPDX-License-Identifier: MIT
// Sending from several places, receiving into several, and receiving a given number of bytes.
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>
#include <vector>

#include "../allocations.hpp"
#include "connected.hpp"
#include "unix_pair.hpp"
#include "ways_to_receive.hpp"

using io_test::connected;
using io_test::connection;
using io_test::on_core;
using io_test::pattern;

namespace {

using places_to_send = std::vector<std::span<const std::byte>>;

// Of `text`, in parts of 0 to 20,000 bytes.
places_to_send cut(const std::string& text) {
  places_to_send places;
  auto rest = std::as_bytes(std::span(text));
  for (std::size_t i = 0; !rest.empty(); ++i) {
    const std::size_t now = std::min(rest.size(), i % 4 == 3 ? 20'000 : i % 4 * 100);
    places.push_back(rest.first(now));
    rest = rest.subspan(now);
  }
  places.emplace_back();
  return places;
}

std::string joined(std::span<const std::span<std::byte>> places, std::size_t bytes) {
  std::string text;
  for (const auto& place : places) {
    text.append(reinterpret_cast<const char*>(place.data()), place.size());
  }
  return text.substr(0, bytes);
}

lull::task<> receive_just(lull::tcp_stream& stream, std::span<std::byte> into,
                          std::error_code& error, std::size_t& bytes) {
  auto receiving = stream.receive_exactly(into);
  auto got = co_await std::move(receiving);
  error = got.error();
  if (got) bytes = *got;
}

}  // namespace

TEST_CASE("many places are sent in order, to a peer that reads slowly") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected(4096);
    io_test::small_send_buffer(both.stream);
    const std::string text = pattern(200'000);
    const places_to_send places = cut(text);
    CHECK(places.size() > 20);
    lull::scope sending;
    std::error_code error = std::make_error_code(std::errc::io_error);
    sending.spawn([&]() -> lull::task<> {
      auto sent = co_await both.stream.send_all(places);
      error = sent.error();
    });
    std::string read;
    while (read.size() < text.size()) {
      co_await lull::yield();
      char some[7000];  // what is there now, so that the sender is not kept from sending
      const ssize_t got = ::recv(both.peer.descriptor(), some, sizeof(some), MSG_DONTWAIT);
      if (got > 0) read.append(some, static_cast<std::size_t>(got));
    }
    co_await sending.join();
    CHECK(!error);
    CHECK(read == text);
    const places_to_send none;
    auto nothing = co_await both.stream.send_all(none);
    CHECK(nothing);
  });
}

TEST_CASE("a submission was needed for each eight small places, dearer than to copy them") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    const std::string text = pattern(1000);
    places_to_send places;
    for (std::size_t i = 0; i < text.size(); i += 10) {
      places.push_back(std::as_bytes(std::span(text)).subspan(i, 10));
    }
    const auto submissions = [] {
      return lull::detail::this_context("a test").ring->statistics().submissions;
    };
    std::uint64_t fewest = places.size();
    for (int i = 0; i < 5; ++i) {  // at first the core closes the listener as well
      const auto before = submissions();
      const auto sent = co_await both.stream.send_all(places);
      CHECK(sent);
      CHECK(both.peer.receive(text.size()) == text);
      fewest = std::min(fewest, submissions() - before);
    }
    const std::size_t each = lull::limits::message_places;
    CHECK(fewest == (places.size() + each - 1) / each);
  });
}

TEST_CASE("where memory is short many places are sent all the same") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    const std::string text = pattern(200);
    places_to_send places;
    for (const std::byte& one : std::as_bytes(std::span(text))) places.emplace_back(&one, 1);
    bool met = false;
    bool failed = false;
    {
      const test::failing_allocations none(0);
      auto sending = both.stream.send_all(places);
      const auto sent = co_await sending;
      failed = !sent;
      met = none.met();
    }
    CHECK(met);
    CHECK(!failed);
    CHECK(both.peer.receive(text.size()) == text);
  });
}

TEST_CASE("sending many places ends when it is stopped, closed or has no peer") {
  for (int way = 0; way < 3; ++way) {
    on_core([way]() -> lull::task<> {
      connection both = co_await connected(4096);
      io_test::small_send_buffer(both.stream);
      const std::string text = pattern(4'000'000);
      const places_to_send places = cut(text);
      lull::scope sending;
      std::error_code error;
      sending.spawn([&]() -> lull::task<> {
        auto sent = co_await both.stream.send_all(places);
        error = sent.error();
      });
      for (int i = 0; i < 5; ++i) co_await lull::yield();
      if (way == 0) sending.request_stop();
      if (way == 1) co_await both.stream.close();
      if (way == 2) both.peer.reset();
      co_await sending.join();
      CHECK((way == 2 ? error == std::errc::connection_reset || error == std::errc::broken_pipe
                      : error == std::errc::operation_canceled));
    });
  }
}

TEST_CASE("bytes come into several places, one after the other") {
  for (const bool by_pieces : {false, true}) {
    on_core([by_pieces]() -> lull::task<> {
      connection both = co_await connected();
      if (by_pieces) {
        both.peer.send("!");
        auto piece = co_await both.stream.receive();
        REQUIRE(piece);
      }
      std::array<std::byte, 3> first;
      std::array<std::byte, 5> second;
      std::array<std::byte, 100> third;
      const std::array<std::span<std::byte>, 3> places{first, second, third};
      both.peer.send("0123456789");
      auto got = co_await both.stream.receive(places);
      REQUIRE(got);
      CHECK(*got == 10);
      CHECK(joined(places, *got) == "0123456789");
      both.peer.close();
      auto end = co_await both.stream.receive(places);
      REQUIRE(end);
      CHECK(*end == 0);
    });
  }
}

TEST_CASE("a given number of bytes is received, or fewer at the end") {
  for (const auto& options : io_test::ways_to_receive()) {
    for (const bool by_pieces : {false, true}) {
      on_core(options, [by_pieces]() -> lull::task<> {
        connection both = co_await connected();
        if (by_pieces) {
          both.peer.send("!");
          auto piece = co_await both.stream.receive();
          REQUIRE(piece);
        }
        std::array<std::byte, 10> into;
        lull::scope receiving;
        std::error_code error;
        std::size_t bytes = 0;
        receiving.spawn(receive_just, std::ref(both.stream), std::span(into), std::ref(error),
                        std::ref(bytes));
        for (int i = 0; i < 4; ++i) {
          both.peer.send("abc");
          co_await lull::yield();
          co_await lull::yield();
        }
        co_await receiving.join();
        CHECK(!error);
        CHECK(bytes == 10);
        CHECK(std::memcmp(into.data(), "abcabcabca", 10) == 0);
        both.peer.close();
        auto rest = receive_just(both.stream, into, error, bytes);
        co_await std::move(rest);
        CHECK(!error);
        CHECK(bytes == 2);
      });
    }
  }
}

TEST_CASE("receiving a given number of bytes ends when its time is up") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.send("abc");
    std::array<std::byte, 10> into;
    auto receiving = both.stream.receive_exactly(into);
    auto got = co_await lull::timeout(std::chrono::milliseconds(1), std::move(receiving));
    CHECK(got.timed_out());
  });
}

TEST_CASE("places are sent and received on a Unix stream too") {
  on_core([]() -> lull::task<> {
    io_test::unix_pair both = co_await io_test::unix_connected();
    const std::string head = "head", body = "body";
    const std::array<std::span<const std::byte>, 2> parts{std::as_bytes(std::span(head)),
                                                          std::as_bytes(std::span(body))};
    auto sent = co_await both.near.send_all(parts);
    REQUIRE(sent);
    std::array<std::byte, 8> into;
    auto receiving = both.far.receive_exactly(into);
    auto got = co_await std::move(receiving);
    REQUIRE(got);
    CHECK(std::memcmp(into.data(), "headbody", 8) == 0);
  });
}
