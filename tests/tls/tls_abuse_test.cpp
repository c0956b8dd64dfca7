// SPDX-License-Identifier: MIT
// Peers that speak TLS well enough for a handshake, and then abuse it.
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/timeout.hpp>
#include <lull/tls/limits.hpp>
#include <lull/tls/tls_state.hpp>

#include "../allocations.hpp"
#include "../io/connected.hpp"
#include "tls_pair.hpp"

using io_test::on_core;
using io_test::pattern;
using tls_test::hear_into;
using tls_test::say;
using tls_test::send_over;
using tls_test::tls_connected;
using tls_test::tls_pair;

namespace {

// Tickets so large that they take several of the smallest records.
int fatten_ticket(SSL* connection, void*) {
  static const std::string much(2000, 't');
  return SSL_SESSION_set1_ticket_appdata(SSL_get_session(connection), much.data(), much.size());
}

// The first record of a ticket, without the others: a message of the protocol that is cut off.
std::vector<std::byte> part_of_a_ticket(SSL& server) {
  BIO* const into = BIO_new(BIO_s_mem());
  BIO* const before = SSL_get_wbio(&server);
  BIO_up_ref(before);
  SSL_set0_wbio(&server, into);
  SSL_CTX_set_session_ticket_cb(SSL_get_SSL_CTX(&server), &fatten_ticket, nullptr, nullptr);
  REQUIRE(SSL_set_max_send_fragment(&server, 512) == 1);
  REQUIRE(SSL_new_session_ticket(&server) == 1);
  REQUIRE(SSL_do_handshake(&server) == 1);
  char* made = nullptr;
  const auto bytes = static_cast<std::size_t>(BIO_get_mem_data(into, &made));
  const std::size_t header = 5;
  REQUIRE(bytes > 1000);
  const auto* const raw = reinterpret_cast<const unsigned char*>(made);
  const std::size_t first = header + (std::size_t{raw[3]} << 8) + raw[4];
  REQUIRE(first < bytes);
  std::vector<std::byte> part(first);
  std::transform(raw, raw + first, part.begin(), [](unsigned char c) { return std::byte{c}; });
  SSL_set0_wbio(&server, before);
  return part;
}

}  // namespace

TEST_CASE("a peer that stopped in the middle of a message of TLS stopped the program that sent") {
  if (tls_test::by_kernel) SKIP("what the kernel encrypts cannot be cut into halves here");
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    const auto part = part_of_a_ticket(both.server.connection());
    const auto cut_off = co_await both.server.transport().send_all(part);
    REQUIRE(cut_off);
    auto waiting = both.client.receive();
    auto limited = co_await lull::timeout(std::chrono::milliseconds(5), std::move(waiting));
    const bool came = limited.has_value() && static_cast<bool>(*limited);
    CHECK(!came);
    std::error_code error;
    auto saying = say(both.client, "text", error);
    co_await std::move(saying);
    CHECK(error == std::errc::protocol_error);
    auto ending = both.client.shutdown();
    const auto ended = co_await std::move(ending);
    CHECK(!ended);
    co_await both.client.close();
  });
}

TEST_CASE("a peer that asks for answers and reads none makes nobody keep them without bound") {
  if (tls_test::by_kernel) SKIP("the answers are new keys, and the kernel changes none");
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    both.server.transport().send_room(4096).value();
    both.client.transport().receive_room(4096).value();
    const std::string text = pattern(6'000'000);
    lull::result<void> sent;
    std::string got;
    lull::scope serving;
    serving.spawn(send_over, std::ref(both.server), std::cref(text), std::ref(sent));
    serving.spawn(hear_into, std::ref(both.server), std::size_t{1'000'000}, std::ref(got));
    co_await lull::sleep(std::chrono::milliseconds(2));
    const auto& transport = lull::detail::tls_state::of(both.server.connection()).transport();
    const std::size_t each = 27;
    const std::size_t flood = 2 * lull::limits::tls_unread / each;
    for (std::size_t i = 0; i < flood; ++i) {
      REQUIRE(SSL_key_update(&both.client.connection(), SSL_KEY_UPDATE_REQUESTED) == 1);
      auto sending = both.client.send_all("x");
      auto limited = co_await lull::timeout(std::chrono::milliseconds(50), std::move(sending));
      if (!limited.has_value()) break;  // nobody reads it any more
    }
    CHECK(transport.queued() <
          lull::limits::tls_unread + 2 * lull::limits::tls_gathered + 3 * lull::limits::tls_record);
    CHECK(transport.queued() > lull::limits::tls_unread / 2);
    serving.request_stop();
    co_await serving.join();
    co_await both.client.close();
    co_await both.server.close();
  });
}

TEST_CASE("both sides that send much before they read, and one that gives up, did not go on") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    // More than both sockets take without being read.
    const std::string text = pattern(12'000'000);
    lull::result<void> sent, sent_back;
    lull::scope sending, stopped;
    sending.spawn(send_over, std::ref(both.server), std::cref(text), std::ref(sent_back));
    stopped.spawn(send_over, std::ref(both.client), std::cref(text), std::ref(sent));
    co_await lull::sleep(std::chrono::milliseconds(50));
    stopped.request_stop();
    co_await stopped.join();
    CHECK(sent.error() == std::errc::operation_canceled);
    // What is left of it goes when the server reads, which it does when it has sent.
    std::string got;
    auto hearing = tls_test::hear(both.client, text.size());
    auto limited = co_await lull::timeout(std::chrono::seconds(25), std::move(hearing));
    REQUIRE(limited.has_value());
    const bool whole = *limited == text;
    CHECK(whole);
    co_await sending.join();
    CHECK(sent_back);
  });
}

TEST_CASE("shutting down a connection that had failed blamed a message of the peer's") {
  on_core([]() -> lull::task<> {
    auto connecting = tls_connected();
    tls_pair both = co_await std::move(connecting);
    auto reading = tls_test::read_tickets(both);
    co_await std::move(reading);
    both.client = lull::tls_stream();  // without a farewell
    auto receiving = both.server.receive();
    const auto got = co_await std::move(receiving);
    CHECK(got.error() == std::errc::connection_aborted);
    auto ending = both.server.shutdown();
    const auto ended = co_await std::move(ending);
    CHECK(ended.error() == std::errc::connection_aborted);
  });
}

TEST_CASE("a send without memory, to a peer that has said farewell, blamed the peer") {
  if (tls_test::by_kernel) SKIP("what the kernel encrypts needs no memory of ours");
  test::need_allocations();
  int without_memory = 0;
  for (std::size_t passes = 0; passes < 8; ++passes) {
    on_core([&]() -> lull::task<> {
      auto connecting = tls_connected();
      tls_pair both = co_await std::move(connecting);
      auto ending = both.client.shutdown();
      const auto ended = co_await std::move(ending);
      CHECK(ended);
      auto receiving = both.server.receive();
      const auto got = co_await std::move(receiving);
      CHECK((got && got->empty()));
      const std::string text = pattern(100'000);
      try {
        auto sending = both.server.send_all(text);
        const test::failing_allocations failing(passes, test::failing::once);
        const auto sent = co_await std::move(sending);
        if (sent.error() == std::errc::not_enough_memory) ++without_memory;
        CHECK(sent.error() != std::errc::protocol_error);
      } catch (const std::bad_alloc&) {
        ++without_memory;
      }
    });
  }
  CHECK(without_memory > 0);
}
