// SPDX-License-Identifier: MIT
// The end of a connection whose bytes the kernel encrypts, and of its keys.
#include <linux/tls.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

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

namespace {

// A client that is none of ours: it shakes hands, and then keeps what comes as it is, encrypted,
// reading little at a time.
class slow_client {
 public:
  explicit slow_client(const lull::address& server)
      : peer_(server, 4096), thread_([this] { read(); }) {}
  std::string all_that_came() {
    thread_.join();
    return std::move(all_);
  }

 private:
  void read() {
    using namespace std::chrono_literals;
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    SSL* const connection = SSL_new(context);
    SSL_set_fd(connection, peer_.descriptor());
    const bool shaken = SSL_connect(connection) == 1;
    if (shaken) std::this_thread::sleep_for(20ms);
    while (shaken) {
      const std::string part = peer_.receive(1000);
      if (part.empty()) break;
      all_ += part;
      std::this_thread::sleep_for(200us);
    }
    SSL_free(connection);
    SSL_CTX_free(context);
  }

  io_test::raw_peer peer_;
  std::string all_;
  std::thread thread_;
};

// Of the records in it, the last one; "" if it does not end where a record does.
std::string_view last_record(std::string_view records) {
  std::string_view last;
  while (!records.empty()) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(records[at]); };
    if (records.size() < 5) return {};
    const std::size_t size = 5U + 256U * byte(3) + byte(4);
    if (records.size() < size) return {};
    last = records.substr(0, size);
    records.remove_prefix(size);
  }
  return last;
}

// False where OpenSSL encrypts.
lull::task<bool> send_slowly_and_end(int nth) {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
  slow_client client(listener.local());
  auto accepted = co_await listener.accept();
  auto accepting = lull::tls_accept(std::move(*accepted), common_server(true));
  auto server = co_await std::move(accepting);
  REQUIRE(server);
  server->transport().send_room(40'000).value();
  const auto bytes = static_cast<std::size_t>(60'000 + nth * 1013);
  std::error_code error;
  auto saying = say(*server, pattern(bytes), error);
  co_await std::move(saying);
  CHECK(!error);
  co_await lull::sleep(std::chrono::microseconds(nth * 37 % 1000));
  lull::result<void> ended;
  auto ending = shut_into(*server, ended);
  co_await std::move(ending);
  CHECK(ended);
  const std::string all = client.all_that_came();
  INFO("send " << nth << ", " << all.size() << " bytes came for " << bytes);
  CHECK(all.size() > bytes);
  CHECK(last_record(all).size() == 5 + 19);  // an alert's: two bytes, its type, the tag of 16
  co_return server->kernel_sends();
}

}  // namespace

// It took the place of what lay in the kernel's record, some time in thirty.
TEST_CASE("a farewell that did not wait for what the kernel still had cut it off") {
  on_core([]() -> lull::task<> {
    for (int nth = 0; nth < 60; ++nth) {
      auto sending = send_slowly_and_end(nth);
      const bool by_kernel = co_await std::move(sending);
      if (!by_kernel) break;
    }
  });
}
