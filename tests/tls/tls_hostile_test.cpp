// SPDX-License-Identifier: MIT
// Peers that speak something else, cut off, alter, or say nothing; and stops at every point.
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/timeout.hpp>

#include "../io/connected.hpp"
#include "tls_pair.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using tls_test::common_client;
using tls_test::common_server;
using tls_test::hear;
using tls_test::say;
using tls_test::tcp_connected;
using tls_test::tcp_pair;
using tls_test::tls_pair;

namespace {

constexpr std::size_t never = ~std::size_t{0};

struct mischief {
  std::size_t cut_at = never;   // after so many bytes the connection ends
  std::size_t flip_at = never;  // a bit of that byte is altered
};

// Passes on what comes from one to the other, but for what it does to it.
lull::task<> pass_on(lull::tcp_stream& from, lull::tcp_stream& to, mischief what,
                     std::size_t& passed) {
  for (;;) {
    auto got = co_await from.receive();
    if (!got || got->empty()) break;
    std::string text(got->text());
    if (what.flip_at - passed < text.size()) {
      text[what.flip_at - passed] = static_cast<char>(text[what.flip_at - passed] ^ 1);
    }
    const bool cut = what.cut_at - passed <= text.size();
    if (cut) text.resize(what.cut_at - passed);
    passed += text.size();
    auto sent = co_await to.send_all(text);
    if (!sent || cut) break;
  }
  (void)co_await to.shutdown();
}

struct outcome {
  tls_pair both;
  std::string got;
  std::size_t passed[2] = {};
};

// A handshake and a message to the client, through somebody on the way; of each step at most
// `limit` is awaited.
lull::task<outcome> through(mischief to_server, mischief to_client,
                            std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  auto first = tcp_connected();
  auto near = co_await std::move(first);
  auto second = tcp_connected();
  auto far = co_await std::move(second);
  outcome what;
  lull::scope passing;
  passing.spawn(pass_on, std::ref(near.server), std::ref(far.client), to_server,
                std::ref(what.passed[0]));
  passing.spawn(pass_on, std::ref(far.client), std::ref(near.server), to_client,
                std::ref(what.passed[1]));
  auto shaking = tls_test::shake_hands(tcp_pair(std::move(near.client), std::move(far.server)),
                                       common_client(), common_server());
  auto shaken = co_await lull::timeout(limit, std::move(shaking));
  what.both = std::move(*shaken);
  if (what.both.client_failure.empty() && what.both.server_failure.empty()) {
    std::error_code error;
    auto saying = say(what.both.server, "a message", error);
    co_await std::move(saying);
    auto hearing = hear(what.both.client, 9);
    auto heard = co_await lull::timeout(limit, std::move(hearing));
    what.got = *heard;
  }
  what.both.client = lull::tls_stream();
  what.both.server = lull::tls_stream();
  co_await passing.join();
  co_return what;
}

lull::task<> accept_into(lull::tcp_stream from, std::string& text, std::error_code& error) {
  auto accepting = lull::tls_accept(std::move(from), common_server());
  const auto accepted = co_await std::move(accepting);
  text = accepted.message();
  error = accepted.error();
}

}  // namespace

TEST_CASE("a client that speaks plain HTTP, or anything else, is told apart") {
  struct {
    std::string_view text;
    const char* reason;
  } const cases[] = {
      {"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n", "speaks plain HTTP"},
      {"EHLO a.test\r\nwhatever follows after that\r\n", "is not TLS"},
      {"\x16\x03\x01\xff\xff\x01", "is not TLS"},
      {"\x16\x03\x01", "in the middle of the handshake"},
      {"", "in the middle of the handshake"},
  };
  for (const auto& one : cases) {
    on_core([&]() -> lull::task<> {
      io_test::connection both = co_await io_test::connected();
      both.peer.send(one.text);
      both.peer.end_sending();
      std::string text;
      std::error_code error;
      auto accepting = accept_into(std::move(both.stream), text, error);
      co_await std::move(accepting);
      CHECK((error == std::errc::protocol_error || error == std::errc::connection_aborted));
      CHECK_THAT(text, ContainsSubstring("tls_accept 127.0.0.1:") && ContainsSubstring(one.reason));
    });
  }
}

TEST_CASE("a server that does not speak TLS, or not now, is told apart") {
  using namespace std::string_view_literals;
  struct {
    std::string_view text;
    const char* reason;
  } const cases[] = {
      {"220 a.test ESMTP\r\n", "is not TLS"},
      {"\x15\x03\x03\0\x02\x01\0"sv, "said farewell"},
      {"\x15\x03\x03\0\x02\x02\x28"sv, "no cipher or no kind of key"},
  };
  for (const auto& one : cases) {
    on_core([&]() -> lull::task<> {
      io_test::connection both = co_await io_test::connected();
      both.peer.send(one.text);
      auto connecting = lull::tls_connect(std::move(both.stream), common_client(), "a.test");
      const auto connected = co_await std::move(connecting);
      CHECK(!connected);
      CHECK_THAT(connected.message(), ContainsSubstring(one.reason));
    });
  }
}

TEST_CASE("a connection that is cut off at any byte fails on both sides, and nothing is taken") {
  std::size_t all[2] = {};
  on_core([&]() -> lull::task<> {
    auto going = through({}, {});
    const outcome good = co_await std::move(going);
    CHECK(good.got == "a message");
    for (int way = 0; way < 2; ++way) all[way] = good.passed[way];
  });
  // Sizes differ by some bytes from one time to the next, as signatures do.
  REQUIRE(all[0] > 300);
  REQUIRE(all[1] > 800);
  on_core([&]() -> lull::task<> {
    for (int way = 0; way < 2; ++way) {
      for (std::size_t at = 0; at + 100 < all[way]; at += at < 20 ? 1 : 83) {
        const mischief cut{.cut_at = at};
        auto going = through(way == 0 ? cut : mischief(), way == 0 ? mischief() : cut);
        const outcome bad = co_await std::move(going);
        INFO("cut at " << at << " of " << all[way] << ": " << bad.both.client_failure);
        CHECK(bad.got != "a message");
        CHECK((!bad.both.client_failure.empty() || !bad.both.server_failure.empty() ||
               bad.got.find("without a farewell") != std::string::npos));
      }
    }
  });
}

TEST_CASE("a connection that is altered at any byte never delivers what was not sent") {
  on_core([]() -> lull::task<> {
    for (int way = 0; way < 2; ++way) {
      for (std::size_t at = 0; at < 900; at += at < 12 ? 3 : 97) {
        const mischief flip{.flip_at = at};
        // An altered length leaves both waiting for what is never sent.
        auto going = through(way == 0 ? flip : mischief(), way == 0 ? mischief() : flip,
                             std::chrono::milliseconds(20));
        const outcome bad = co_await std::move(going);
        INFO("altered at " << at << ": " << bad.both.client_failure << bad.both.server_failure);
        // Some bytes mean nothing: the first version of a record, say.
        const bool noticed = !bad.both.client_failure.empty() || !bad.both.server_failure.empty();
        CHECK((noticed || bad.got == "a message" || bad.got.starts_with(" (receive")));
        if (at > 100 && at < 200) CHECK(noticed);
      }
    }
  });
}

TEST_CASE("a handshake with somebody who says nothing ends when its time is up") {
  on_core([]() -> lull::task<> {
    io_test::connection both = co_await io_test::connected();
    const auto accepted = co_await lull::timeout(
        std::chrono::milliseconds(2), lull::tls_accept(std::move(both.stream), common_server()));
    CHECK(accepted.timed_out());
    CHECK(accepted->error() == std::errc::operation_canceled);
    co_await lull::sleep(std::chrono::microseconds(1));  // after an iteration, which closes it
    CHECK(both.peer.receive().empty());
    io_test::connection other = co_await io_test::connected();
    const auto connected = co_await lull::timeout(
        std::chrono::milliseconds(2),
        lull::tls_connect(std::move(other.stream), common_client(), "a.test"));
    CHECK(connected.timed_out());
  });
}

TEST_CASE("handshakes that are stopped at any point leave nothing behind") {
  on_core([]() -> lull::task<> {
    int done = 0;
    for (int turns = 0; turns < 30; ++turns) {
      auto connecting = tcp_connected();
      tcp_pair over = co_await std::move(connecting);
      tls_pair both;
      lull::scope shaking;
      if (turns == 0) shaking.request_stop();
      shaking.spawn(tls_test::shake_into, lull::tls_accept(std::move(over.server), common_server()),
                    std::ref(both.server), std::ref(both.server_failure),
                    std::ref(both.server_error));
      shaking.spawn(tls_test::shake_into,
                    lull::tls_connect(std::move(over.client), common_client(), "a.test"),
                    std::ref(both.client), std::ref(both.client_failure),
                    std::ref(both.client_error));
      for (int i = 0; i < turns; ++i) co_await lull::yield();
      shaking.request_stop();
      co_await shaking.join();
      const bool client_done = both.client_failure.empty();
      if (client_done && both.server_failure.empty()) ++done;
      CHECK((client_done || both.client_error == std::errc::operation_canceled ||
             both.client_error == std::errc::connection_aborted ||
             both.client_error == std::errc::connection_reset));
      CHECK(client_done == both.client.is_open());
    }
    CHECK(done < 30);
  });
}
