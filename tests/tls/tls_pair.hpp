// SPDX-License-Identifier: MIT
#pragma once

// Both ends of a TLS connection on one core, and what comes of a handshake of the two.

#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>
#include <lull/tls/tls.hpp>

#include "../io/on_core.hpp"
#include "certificates.hpp"

namespace tls_test {

struct tcp_pair {
  tcp_pair(lull::tcp_stream a, lull::tcp_stream b) noexcept
      : client(std::move(a)), server(std::move(b)) {}

  lull::tcp_stream client;
  lull::tcp_stream server;
};

inline lull::task<tcp_pair> tcp_connected() {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
  auto near = co_await lull::connect(listener.local());
  auto far = co_await listener.accept();
  co_return tcp_pair(std::move(near).value(), std::move(far).value());
}

struct tls_pair {
  lull::tls_stream client;
  lull::tls_stream server;
  // Of the handshakes; empty: they succeeded.
  std::string client_failure;
  std::string server_failure;
  std::error_code client_error;
  std::error_code server_error;
};

inline lull::task<> shake_into(lull::task<lull::result<lull::tls_stream>> shaking,
                               lull::tls_stream& stream, std::string& text,
                               std::error_code& error) {
  auto shaken = co_await std::move(shaking);
  text = shaken.message();
  error = shaken.error();
  if (shaken) stream = std::move(*shaken);
}

// Over two TCP streams that are connected, somehow.
inline lull::task<tls_pair> shake_hands(tcp_pair over, lull::tls_client client,
                                        lull::tls_server server, std::string name = "a.test") {
  tls_pair both;
  lull::scope shaking;
  std::exception_ptr error;
  try {
    shaking.spawn(shake_into, lull::tls_accept(std::move(over.server), server),
                  std::ref(both.server), std::ref(both.server_failure),
                  std::ref(both.server_error));
    shaking.spawn(shake_into, lull::tls_connect(std::move(over.client), client, name),
                  std::ref(both.client), std::ref(both.client_failure),
                  std::ref(both.client_error));
  } catch (const std::bad_alloc&) {
    error = std::current_exception();
    shaking.request_stop();
  }
  co_await shaking.join();
  if (error) std::rethrow_exception(error);
  co_return both;
}

inline lull::task<tls_pair> shake_hands(lull::tls_client client, lull::tls_server server,
                                        std::string name = "a.test") {
  auto connecting = tcp_connected();
  auto over = co_await std::move(connecting);
  auto shaking = shake_hands(std::move(over), std::move(client), std::move(server), name);
  co_return co_await std::move(shaking);
}

// Tests that do not say wish for the kernel's encryption where this is set.
inline const bool by_kernel = std::getenv("LULL_TEST_KERNEL_TLS") != nullptr;

inline lull::tls_client common_client(bool kernel_sends = by_kernel) {
  return lull::tls_client(
      {.authorities = common_authority().certificate(), .kernel_sends = kernel_sends});
}
inline lull::tls_server common_server(bool kernel_sends = by_kernel) {
  return lull::tls_server({.identities = {common_identity()}, .kernel_sends = kernel_sends});
}

// Connected; anything else fails the test.
inline lull::task<tls_pair> tls_connected(bool kernel_sends = by_kernel) {
  auto shaking = shake_hands(common_client(kernel_sends), common_server(kernel_sends));
  auto both = co_await std::move(shaking);
  REQUIRE(both.client_failure.empty());
  REQUIRE(both.server_failure.empty());
  co_return both;
}

// The same, and what the client sends comes to a stop soon where the server does not read.
inline lull::task<tls_pair> narrowly_connected(bool kernel_sends = by_kernel) {
  auto connecting = tls_connected(kernel_sends);
  tls_pair both = co_await std::move(connecting);
  both.client.transport().send_room(4096).value();
  both.server.transport().receive_room(4096).value();
  co_return both;
}

inline lull::task<> say(lull::tls_stream& to, std::string text, std::error_code& error) {
  auto sending = to.send_all(text);
  const auto sent = co_await std::move(sending);
  error = sent.error();
}

// What comes, until it is so much or the stream ends.
inline lull::task<std::string> hear(lull::tls_stream& from, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    auto receiving = from.receive();
    const auto got = co_await std::move(receiving);
    if (!got) co_return text + " (" + got.message() + ")";
    if (got->empty()) break;
    text += got->text();
  }
  co_return text;
}

// The client has read what the server sends of its own after a handshake (tickets): a close with
// bytes unread would be a reset.
inline lull::task<> read_tickets(tls_pair& both) {
  std::error_code error;
  auto saying = say(both.server, "x", error);
  co_await std::move(saying);
  auto hearing = hear(both.client, 1);
  const std::string got = co_await std::move(hearing);
  CHECK(got == "x");
}

inline lull::task<> hear_into(lull::tls_stream& from, std::size_t bytes, std::string& text) {
  auto hearing = hear(from, bytes);
  text = co_await std::move(hearing);
}

inline lull::task<> send_over(lull::tls_stream& to, const std::string& text,
                              lull::result<void>& sent) {
  auto sending = to.send_all(text);
  sent = co_await std::move(sending);
}

}  // namespace tls_test
