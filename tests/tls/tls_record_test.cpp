// SPDX-License-Identifier: MIT
// Where this kernel has TLS, it encrypts here; where not, the same has to work by OpenSSL.
#include <lull/tls/tls_record.hpp>

#include <openssl/ssl.h>

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "../io/connected.hpp"
#include "kernel_pair.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::pattern;
using tls_test::common_client;
using tls_test::common_server;
using tls_test::hear;
using tls_test::kernel_connected;
using tls_test::say;
using tls_test::send_over;
using tls_test::tls_pair;

TEST_CASE("one side may encrypt by the kernel and the other by OpenSSL") {
  for (const bool of_server : {false, true}) {
    on_core([of_server]() -> lull::task<> {
      auto shaking = tls_test::shake_hands(common_client(!of_server), common_server(of_server));
      tls_pair both = co_await std::move(shaking);
      REQUIRE(both.client_failure.empty());
      REQUIRE(both.server_failure.empty());
      for (lull::tls_stream* const from : {&both.client, &both.server}) {
        lull::tls_stream& to = from == &both.client ? both.server : both.client;
        const std::string text = pattern(20'000);
        lull::result<void> sent;
        lull::scope sending;
        sending.spawn(send_over, std::ref(*from), std::cref(text), std::ref(sent));
        auto hearing = hear(to, text.size());
        const std::string got = co_await std::move(hearing);
        CHECK((got == text));
        co_await sending.join();
        CHECK(sent);
      }
    });
  }
}

TEST_CASE("a farewell that the kernel encrypts is the end, and nothing goes after it") {
  on_core([]() -> lull::task<> {
    auto connecting = kernel_connected();
    tls_pair both = co_await std::move(connecting);
    std::error_code error;
    auto saying = say(both.server, "the last", error);
    co_await std::move(saying);
    CHECK(!error);
    auto ending = both.server.shutdown();
    const auto ended = co_await std::move(ending);
    CHECK(ended);
    saying = say(both.server, "too late", error);
    co_await std::move(saying);
    CHECK(error == std::errc::broken_pipe);
    auto hearing = hear(both.client, 1000);
    const std::string got = co_await std::move(hearing);
    CHECK(got == "the last");
    saying = say(both.client, "and back", error);
    co_await std::move(saying);
    CHECK(!error);
    hearing = hear(both.server, 8);
    const std::string back = co_await std::move(hearing);
    CHECK(back == "and back");
    co_await both.client.close();
    co_await both.server.close();
  });
}

TEST_CASE("a ticket that the kernel encrypts spares the next handshake") {
  on_core([]() -> lull::task<> {
    const lull::tls_client from = common_client(true);
    const lull::tls_server to = common_server(true);
    for (const bool again : {false, true}) {
      auto shaking = tls_test::shake_hands(from, to);
      tls_pair both = co_await std::move(shaking);
      REQUIRE(both.client_failure.empty());
      CHECK(both.client.is_resumed() == again);
      std::error_code error;
      auto saying = say(both.server, "text", error);  // the tickets go before
      co_await std::move(saying);
      auto hearing = hear(both.client, 4);
      const std::string got = co_await std::move(hearing);
      CHECK(got == "text");
      co_await both.client.close();
      co_await both.server.close();
    }
  });
}

TEST_CASE("where the peer wants new keys, who sends learns that the kernel cannot change them") {
  on_core([]() -> lull::task<> {
    const lull::tls_client by_openssl = common_client(false);
    auto shaking = tls_test::shake_hands(by_openssl, common_server(true));
    tls_pair both = co_await std::move(shaking);
    if (!both.server.kernel_sends()) SKIP("this kernel has no TLS (module tls)");
    REQUIRE(SSL_key_update(&both.client.connection(), SSL_KEY_UPDATE_REQUESTED) == 1);
    for (const std::string text : {"text", "more"}) {
      std::error_code error;
      auto saying = say(both.client, text, error);
      co_await std::move(saying);
      CHECK(!error);
      auto hearing = hear(both.server, text.size());
      const std::string got = co_await std::move(hearing);
      CHECK(got == text);
      auto sending = both.server.send_all("answer");
      const auto sent = co_await std::move(sending);
      CHECK(sent.error() == std::errc::protocol_error);
      CHECK_THAT(sent.message(), ContainsSubstring("cannot change them"));
    }
  });
}

TEST_CASE("once the peer was told of new keys, nothing is sent with those of the kernel") {
  on_core([]() -> lull::task<> {
    auto connecting = kernel_connected();
    tls_pair both = co_await std::move(connecting);
    if (!both.server.kernel_sends()) SKIP("this kernel has no TLS (module tls)");
    REQUIRE(SSL_key_update(&both.server.connection(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    REQUIRE(SSL_do_handshake(&both.server.connection()) == 1);  // tells it
    auto sending = both.server.send_all("text");
    const auto sent = co_await std::move(sending);
    CHECK(sent.error() == std::errc::protocol_error);
  });
}
