// SPDX-License-Identifier: MIT
// What both sides agree on, or why they do not.
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/timeout.hpp>
#include <lull/tls/tls_client.hpp>
#include <lull/tls/tls_contexts.hpp>
#include <lull/tls/tls_server.hpp>

#include "tls_pair.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using tls_test::common_authority;
using tls_test::common_client;
using tls_test::common_identity;
using tls_test::common_server;
using tls_test::hear;
using tls_test::say;
using tls_test::shake_hands;
using tls_test::tls_pair;

namespace {

const std::string& authorities() { return common_authority().certificate(); }

// The failure of a client that meets a server with this identity.
lull::task<tls_pair> meet(lull::tls_identity identity, std::string name = "a.test") {
  lull::tls_server server({.identities = {std::move(identity)}});
  auto shaking = shake_hands(common_client(), server, name);
  co_return co_await std::move(shaking);
}

}  // namespace

TEST_CASE("a client accepts a certificate for the name or the number that it asked for") {
  on_core([]() -> lull::task<> {
    for (const char* const name : {"a.test", "A.test", "127.0.0.1"}) {
      auto meeting = meet(common_identity(), name);
      const tls_pair both = co_await std::move(meeting);
      CHECK(both.client_failure.empty());
      CHECK(both.server_failure.empty());
      CHECK(both.server.server_name() == (name[0] == '1' ? "" : name));
    }
    auto sixth = common_authority().issue({.names = "IP:2001:db8::7"});
    for (const char* const name : {"2001:db8::7", "[2001:db8::7]"}) {
      auto meeting = meet(sixth, name);
      const tls_pair both = co_await std::move(meeting);
      CHECK(both.client_failure.empty());
    }
    for (const std::string& name : {std::string(), std::string(300, 'x'), std::string(".test")}) {
      auto meeting = meet(common_identity(), name);
      const tls_pair both = co_await std::move(meeting);
      CHECK(both.client_error == std::errc::invalid_argument);
      CHECK_THAT(both.client_failure, ContainsSubstring("1 to 255 bytes"));
    }
    auto wild = common_authority().issue({.names = "DNS:*.b.test"});
    auto meeting = meet(wild, "x.b.test");
    const tls_pair both = co_await std::move(meeting);
    CHECK(both.client_failure.empty());
  });
}

TEST_CASE("the certificates between the server's and the authority's are shown as well") {
  const tls_test::authority between("an authority in between", &common_authority());
  lull::tls_identity identity = between.issue();
  const std::string alone = identity.certificates;
  on_core([&]() -> lull::task<> {
    auto meeting = meet({alone, identity.key});
    const tls_pair broken = co_await std::move(meeting);
    CHECK_THAT(broken.client_failure, ContainsSubstring("have the peer send"));
    meeting = meet({alone + between.certificate(), identity.key});
    const tls_pair whole = co_await std::move(meeting);
    CHECK(whole.client_failure.empty());
  });
}

TEST_CASE("a certificate that is not accepted says why, to both sides") {
  struct {
    tls_test::certificate_wish wish;
    const char* name;
    const char* reason;
  } const cases[] = {
      {{}, "b.test", "for another name (hostname mismatch)"},
      {{}, "127.0.0.1", "for another name"},
      {{.names = "IP:2001:db8::8"}, "2001:db8::7", "for another name"},
      {{.valid_from_days = -3, .valid_for_days = 1}, "a.test", "has expired"},
      {{.valid_from_days = 1}, "a.test", "not valid yet"},
      {{.by_itself = true}, "a.test", "self-signed"},
  };
  for (const auto& one : cases) {
    on_core([&]() -> lull::task<> {
      auto meeting = meet(common_authority().issue(one.wish), one.name);
      const tls_pair both = co_await std::move(meeting);
      CHECK(both.client_error == std::error_code(EKEYREJECTED, std::generic_category()));
      CHECK_THAT(both.client_failure,
                 ContainsSubstring("tls_connect 127.0.0.1:") && ContainsSubstring(one.reason));
      CHECK_THAT(both.server_failure,
                 ContainsSubstring("tls_accept 127.0.0.1:") && ContainsSubstring("certificate"));
    });
  }
}

TEST_CASE("an authority that is not known is named as the reason, unless nothing is checked") {
  const tls_test::authority stranger("a stranger"), impostor;
  on_core([&]() -> lull::task<> {
    for (const tls_test::authority* const one : {&stranger, &impostor}) {
      auto meeting = meet(one->issue());
      const tls_pair both = co_await std::move(meeting);
      CHECK_THAT(both.client_failure,
                 ContainsSubstring("authority that signed") && ContainsSubstring("authorities"));
      CHECK_THAT(both.server_failure, ContainsSubstring("does not accept the certificate"));
    }
    lull::tls_server server({.identities = {stranger.issue()}});
    auto shaking = shake_hands(lull::tls_client({.verify = false}), server, "whoever");
    const tls_pair unchecked = co_await std::move(shaking);
    CHECK(unchecked.client_failure.empty());
  });
}

TEST_CASE("a server shows the certificate that is for the name") {
  on_core([]() -> lull::task<> {
    lull::tls_server server(
        {.identities = {common_identity(), common_authority().issue({.names = "DNS:b.test"}),
                        common_authority().issue({.names = "DNS:*.c.test"})}});
    for (const char* const name : {"a.test", "b.test", "x.c.test", "127.0.0.1"}) {
      auto shaking = shake_hands(common_client(), server, name);
      const tls_pair both = co_await std::move(shaking);
      CHECK(both.client_failure.empty());
    }
    auto shaking = shake_hands(common_client(), server, "d.test");
    const tls_pair both = co_await std::move(shaking);
    CHECK_THAT(both.client_failure, ContainsSubstring("for another name"));
  });
}

TEST_CASE("both sides agree on the protocol that the server likes best, or on none") {
  on_core([]() -> lull::task<> {
    const auto client = [](std::vector<std::string> protocols) {
      return lull::tls_client({.authorities = authorities(), .protocols = std::move(protocols)});
    };
    const auto server = [](std::vector<std::string> protocols) {
      return lull::tls_server(
          {.identities = {common_identity()}, .protocols = std::move(protocols)});
    };
    auto shaking = shake_hands(client({"http/1.1", "h2"}), server({"h2", "http/1.1"}));
    const tls_pair agreed = co_await std::move(shaking);
    CHECK(agreed.client.protocol() == "h2");
    CHECK(agreed.server.protocol() == "h2");
    shaking = shake_hands(client({"h2"}), server({}));
    const tls_pair indifferent = co_await std::move(shaking);
    CHECK(indifferent.client_failure.empty());
    CHECK(indifferent.client.protocol().empty());
    shaking = shake_hands(client({}), server({"h2"}));
    const tls_pair silent = co_await std::move(shaking);
    CHECK(silent.server.protocol().empty());
    shaking = shake_hands(client({"spdy"}), server({"h2"}));
    const tls_pair apart = co_await std::move(shaking);
    CHECK_THAT(apart.client_failure, ContainsSubstring("no protocol in common (ALPN)"));
    CHECK_THAT(apart.server_failure, ContainsSubstring("no protocol in common (ALPN)"));
    CHECK(apart.server_error == std::errc::protocol_error);
  });
}

TEST_CASE("a client that comes back resumes its session, on whichever identity") {
  on_core([]() -> lull::task<> {
    const lull::tls_client client = common_client();
    const lull::tls_server server(
        {.identities = {common_authority().issue({.names = "DNS:b.test"}), common_identity()}});
    for (const char* const name : {"a.test", "b.test"}) {
      for (const bool again : {false, true, true}) {
        auto shaking = shake_hands(client, server, name);
        tls_pair both = co_await std::move(shaking);
        CHECK(both.client_failure.empty());
        CHECK(both.client.is_resumed() == again);
        CHECK(both.server.is_resumed() == again);
        auto reading = tls_test::read_tickets(both);
        co_await std::move(reading);
      }
    }
    // Another server does not know the session: the handshake is a whole one.
    auto shaking = shake_hands(client, common_server());
    const tls_pair both = co_await std::move(shaking);
    CHECK(both.client_failure.empty());
    CHECK(!both.client.is_resumed());
  });
}

TEST_CASE("a certificate is replaced while connections last, and clients come back") {
  on_core([]() -> lull::task<> {
    const lull::tls_client client = common_client();
    lull::tls_server server = common_server();
    auto shaking = shake_hands(client, server);
    tls_pair before = co_await std::move(shaking);
    auto reading = tls_test::read_tickets(before);
    co_await std::move(reading);
    server = lull::tls_server(
        {.identities = {common_authority().issue({.names = "DNS:b.test"}), common_identity()}});
    shaking = shake_hands(client, server, "b.test");
    const tls_pair renewed = co_await std::move(shaking);
    CHECK(renewed.client_failure.empty());
    shaking = shake_hands(client, server);
    const tls_pair again = co_await std::move(shaking);
    CHECK(again.client_failure.empty());
    CHECK(!again.client.is_resumed());
    std::error_code error;
    auto saying = say(before.server, "x", error);
    co_await std::move(saying);
    auto hearing = hear(before.client, 1);
    CHECK(co_await std::move(hearing) == "x");
  });
}

TEST_CASE("sessions are not kept where either side does not want them") {
  on_core([]() -> lull::task<> {
    for (const bool client_wants : {true, false}) {
      const lull::tls_client client({.authorities = authorities(), .resume = client_wants});
      const lull::tls_server server({.identities = {common_identity()}, .tickets = !client_wants});
      for (int i = 0; i < 2; ++i) {
        auto shaking = shake_hands(client, server);
        tls_pair both = co_await std::move(shaking);
        CHECK(!both.client.is_resumed());
        std::error_code error;
        auto saying = say(both.server, "x", error);
        co_await std::move(saying);
        auto hearing = hear(both.client, 1);
        (void)co_await std::move(hearing);
        CHECK(client.context()->take("a.test") == nullptr);
      }
    }
  });
}

TEST_CASE("what cannot be used to make a context is refused with a sentence") {
  const auto refusal = [](const lull::tls_server_options& options) -> std::string {
    try {
      lull::tls_server server(options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  const lull::tls_identity& good = common_identity();
  CHECK_THAT(refusal({}), ContainsSubstring("no identity"));
  CHECK_THAT(refusal({.identities = {{"text", good.key}}}),
             ContainsSubstring("certificate was expected") && ContainsSubstring("none in"));
  CHECK_THAT(refusal({.identities = {{"", good.key}}}), ContainsSubstring("is empty"));
  CHECK_THAT(refusal({.identities = {{good.certificates, "text"}}}),
             ContainsSubstring("key was expected"));
  CHECK_THAT(refusal({.identities = {{good.certificates, common_authority().issue().key}}}),
             ContainsSubstring("not that of its certificate"));
  std::string damaged = good.certificates;
  damaged.replace(damaged.size() / 2, 4, "????");
  CHECK_THAT(refusal({.identities = {{damaged, good.key}}}), ContainsSubstring("whole"));
  CHECK_THAT(refusal({.identities = {good}, .protocols = {""}}), ContainsSubstring("ALPN"));
  on_core([]() -> lull::task<> {
    CHECK_THROWS_AS(lull::tls_client({.authorities = "text"}), std::invalid_argument);
    const lull::tls_client by_system;
    CHECK(by_system.context() != nullptr);
    co_return;
  });
}
