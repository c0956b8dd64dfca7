// SPDX-License-Identifier: MIT
// The end of a connection whose bytes the kernel encrypts, and of its keys.
#include <linux/tls.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/sleep.hpp>
#include <lull/tls/limits.hpp>

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

namespace {

lull::task<> shut_into(lull::tls_stream& of, lull::result<void>& ended) {
  auto ending = of.shutdown();
  ended = co_await std::move(ending);
}

// All that comes, and how it ends: "" if the peer has said farewell.
lull::task<> hear_all(lull::tls_stream& from, std::string& text, std::string& end) {
  for (;;) {
    auto receiving = from.receive();
    const auto got = co_await std::move(receiving);
    end = got.message();
    if (!got || got->empty()) co_return;
    text += got->text();
  }
}

lull::task<> send_and_end(lull::tls_stream& of, const std::string& text, bool closes, bool& sent) {
  auto sending = of.send_all(text);
  const auto all = co_await std::move(sending);
  sent = static_cast<bool>(all);
  if (closes) {
    co_await of.close();
  } else {
    lull::result<void> ended;
    auto ending = shut_into(of, ended);
    co_await std::move(ending);
    sent = sent && ended;
  }
}

// From the client to a server that does not read: it takes little.
void narrow(tls_pair& both, std::size_t send_room = 4096) {
  both.client.transport().send_room(send_room).value();
  both.server.transport().receive_room(4096).value();
}

void send_all_and_end(bool closes, std::size_t send_room, std::size_t bytes,
                      std::chrono::microseconds before_reading) {
  on_core([=]() -> lull::task<> {
    auto connecting = kernel_connected();
    tls_pair both = co_await std::move(connecting);
    narrow(both, send_room);
    const std::string text = pattern(bytes);
    bool sent = false;
    std::string got, end;
    lull::scope all;
    all.spawn(send_and_end, std::ref(both.client), std::cref(text), closes, std::ref(sent));
    co_await lull::sleep(before_reading);
    auto hearing = hear_all(both.server, got, end);
    co_await std::move(hearing);
    co_await all.join();
    CHECK(sent);
    CHECK(got.size() == text.size());
    CHECK(end.empty());
  });
}

}  // namespace

// ./dev kernel lets the network take little at a time; elsewhere it takes a record as a whole.
TEST_CASE("the end of what the kernel had encrypted was lost when the connection ended") {
  for (const bool closes : {false, true}) {
    if (closes && lull::limits::small) continue;  // a close gives up before this peer has read
    for (const std::size_t bytes : {std::size_t{34'000}, std::size_t{43'000}}) {
      send_all_and_end(closes, 4096, bytes, std::chrono::milliseconds(20));
    }
  }
}

TEST_CASE("who waited for its turn to send sent after the farewell, in vain") {
  on_core([]() -> lull::task<> {
    auto connecting = kernel_connected();
    tls_pair both = co_await std::move(connecting);
    narrow(both);
    const std::string text = pattern(1'000'000), more = "more";
    lull::result<void> first, second, ended;
    lull::scope all;
    all.spawn(send_over, std::ref(both.client), std::cref(text), std::ref(first));
    co_await lull::sleep(std::chrono::milliseconds(2));
    all.spawn(send_over, std::ref(both.client), std::cref(more), std::ref(second));
    co_await lull::sleep(std::chrono::milliseconds(2));
    all.spawn(shut_into, std::ref(both.client), std::ref(ended));
    std::string got, end;
    auto hearing = hear_all(both.server, got, end);
    co_await std::move(hearing);
    co_await all.join();
    CHECK(ended);
    CHECK(end.empty());
    CHECK((!second || got.ends_with(more)));
  });
}

TEST_CASE("who waited for its turn to send sent with keys that had been changed meanwhile") {
  on_core([]() -> lull::task<> {
    const lull::tls_client by_openssl = common_client(false);
    auto shaking = tls_test::shake_hands(by_openssl, common_server(true));
    tls_pair both = co_await std::move(shaking);
    if (!both.server.kernel_sends()) SKIP("this kernel has no TLS (module tls)");
    both.server.transport().send_room(4096).value();
    both.client.transport().receive_room(4096).value();
    const std::string text = pattern(1'000'000), more = "more";
    lull::result<void> first, second;
    lull::scope all;
    all.spawn(send_over, std::ref(both.server), std::cref(text), std::ref(first));
    co_await lull::sleep(std::chrono::milliseconds(2));
    all.spawn(send_over, std::ref(both.server), std::cref(more), std::ref(second));
    co_await lull::sleep(std::chrono::milliseconds(2));
    for (const char* const word : {"a", "b"}) {  // the second is answered without a send
      REQUIRE(SSL_key_update(&both.client.connection(), SSL_KEY_UPDATE_REQUESTED) == 1);
      std::error_code error;
      auto saying = say(both.client, word, error);
      co_await std::move(saying);
      CHECK(!error);
    }
    auto asking = hear(both.server, 2);
    const std::string asked = co_await std::move(asking);
    CHECK(asked == "ab");
    std::string got, end;
    all.spawn(hear_all, std::ref(both.client), std::ref(got), std::ref(end));
    while (both.server.is_open() && (first || second)) {
      co_await lull::sleep(std::chrono::milliseconds(1));
    }
    CHECK(first.error() == std::errc::protocol_error);
    CHECK(second.error() == std::errc::protocol_error);
    co_await both.server.close();
    co_await all.join();
    CHECK(text.starts_with(got));
  });
}

TEST_CASE("after a promise of new keys the kernel still sends, and OpenSSL says no farewell") {
  on_core([]() -> lull::task<> {
    auto connecting = kernel_connected();
    tls_pair both = co_await std::move(connecting);
    if (!both.server.kernel_sends()) SKIP("this kernel has no TLS (module tls)");
    REQUIRE(SSL_key_update(&both.server.connection(), SSL_KEY_UPDATE_NOT_REQUESTED) == 1);
    REQUIRE(SSL_do_handshake(&both.server.connection()) == 1);
    // As OpenSSL 3.2 does then, with keys that would be wrong.
    tls12_crypto_info_aes_gcm_256 keys{};
    keys.info.version = TLS_1_3_VERSION;
    keys.info.cipher_type = TLS_CIPHER_AES_GCM_256;
    CHECK(BIO_ctrl(SSL_get_wbio(&both.server.connection()), 72, 1, &keys) == 0);
    CHECK(both.server.kernel_sends());
    auto ending = both.server.shutdown();
    const auto ended = co_await std::move(ending);
    CHECK(ended.error() == std::errc::protocol_error);
    CHECK_THAT(ended.message(), ContainsSubstring("cannot change them"));
    co_await both.server.close();
  });
}
