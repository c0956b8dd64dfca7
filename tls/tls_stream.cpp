// SPDX-License-Identifier: MIT
#include "tls_stream.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>

#include "../base/assert.hpp"
#include "../io/connect_by_name.hpp"
#include "../sched/shield.hpp"
#include "../sched/timeout.hpp"
#include "limits.hpp"
#include "tls_state.hpp"

namespace lull {
namespace {

using state_pointer = std::shared_ptr<detail::tls_state>;
using step = detail::tls_state::step;

failure said_of(failure why, const char* operation) noexcept {
  why.operation = operation;
  return why;
}

task<result<std::size_t>> receive_into(state_pointer state, std::span<std::byte> into,
                                       const char* operation) {
  for (;;) {
    if (!state->transport().stream().is_open()) {
      co_return failure(EBADF, operation, state->transport().peer());
    }
    std::size_t bytes = 0;
    const step now = into.empty() ? step::done : state->read(into, bytes);
    if (now == step::done || now == step::ended) co_return bytes;
    if (now == step::failed) co_return state->why(operation);
    auto feeding = state->feed();
    const auto fed = co_await std::move(feeding);
    if (!fed) co_return said_of(fed.why(), operation);
  }
}

task<result<tls_received>> receive_block(state_pointer state) {
  constexpr const char* operation = "receive";
  for (;;) {
    if (!state->transport().stream().is_open()) {
      co_return failure(EBADF, operation, state->transport().peer());
    }
    const step now = state->look();  // so that it is one block, and who waits keeps no memory
    if (now == step::done) {
      tls_received block(state->readable());
      std::size_t bytes = 0;
      if (state->read(block.room(), bytes) != step::done) co_return state->why(operation);
      block.filled(bytes);
      co_return std::move(block);
    }
    if (now == step::ended) co_return tls_received();
    if (now == step::failed) co_return state->why(operation);
    auto feeding = state->feed();
    const auto fed = co_await std::move(feeding);
    if (!fed) co_return said_of(fed.why(), operation);
  }
}

task<result<std::size_t>> receive_whole(state_pointer state, std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    auto receiving = receive_into(state, into.subspan(filled), "receive_exactly");
    const auto got = co_await std::move(receiving);
    if (!got) co_return got.why();
    if (*got == 0) break;
    filled += *got;
  }
  co_return filled;
}

task<result<void>> flush(state_pointer state, const char* operation) {
  auto flushing = state->transport().flush();
  const auto flushed = co_await std::move(flushing);
  if (!flushed) co_return said_of(flushed.why(), operation);
  co_return result<void>();
}

// Encrypts, and sends as soon as there is enough; first of all what others have left, who gave up.
task<result<void>> send_part(state_pointer state, std::span<const std::byte> bytes) {
  constexpr const char* operation = "send_all";
  for (bool begun = false;; begun = true) {
    if (state->transport().queued() >= limits::tls_gathered) {
      auto flushing = flush(state, operation);
      const auto flushed = co_await std::move(flushing);
      if (!flushed) co_return flushed.why();
    }
    if (begun && bytes.empty()) break;  // all of it is sent, whoever has ended sending meanwhile
    if (const auto refusal = state->why_not_to_send()) co_return *refusal;
    if (bytes.empty()) break;
    std::size_t now = 0;
    if (state->write(bytes, now) != step::done) co_return state->why(operation);
    bytes = bytes.subspan(now);
  }
  co_return result<void>();
}

task<result<void>> send_places(state_pointer state,
                               std::span<const std::span<const std::byte>> places) {
  if (state->transport().kernel_sends()) {
    auto sending = state->send_by_kernel(places);
    const auto sent = co_await std::move(sending);
    if (!sent) co_return said_of(sent.why(), "send_all");
    co_return result<void>();
  }
  for (const std::span<const std::byte> place : places) {
    auto sending = send_part(state, place);
    const auto sent = co_await std::move(sending);
    if (!sent) co_return sent.why();
  }
  auto flushing = flush(state, "send_all");
  co_return co_await std::move(flushing);
}

task<result<void>> send_whole(state_pointer state, std::span<const std::byte> bytes) {
  auto sending = send_places(state, std::span(&bytes, 1));
  co_return co_await std::move(sending);
}

task<result<void>> end_sending(state_pointer state) {
  constexpr const char* operation = "shutdown";
  if (!state->transport().stream().is_open()) {
    co_return failure(EBADF, operation, state->transport().peer());
  }
  state->say_farewell();
  auto flushing = flush(state, operation);
  const auto flushed = co_await std::move(flushing);
  if (!flushed) co_return flushed.why();
  if (!state->transport().stream().is_open()) {  // closed or dropped meanwhile
    co_return failure(EBADF, operation, state->transport().peer());
  }
  if (!state->has_said_farewell()) {
    if (const auto refusal = state->why_not_to_send()) co_return said_of(*refusal, operation);
    co_return failure(EPROTO, operation, state->transport().peer(),
                      "TLS could not say farewell, in the middle of a message of the peer's; treat "
                      "the connection as broken");
  }
  co_return co_await state->transport().stream().shutdown();
}

task<> close_state(state_pointer state) {
  state->say_farewell();
  // Or what went wrong, of a connection that has failed. Who is sending is in the way, and is ended
  // below.
  if (state->transport().has_queued() && !state->transport().is_flushing()) {
    auto flushing = state->transport().flush();
    (void)co_await shield(timeout(limits::tls_farewell, std::move(flushing)));
  }
  if (state->transport().stream().is_open()) co_await state->transport().stream().close();
}

task<result<tls_stream>> shake_hands(state_pointer state, const char* operation) {
  tls_stream stream(state);  // closes in the background if it fails
  for (;;) {
    const step now = state->handshake();
    if (state->transport().has_queued()) {  // of a failure too, so that the peer learns of it
      auto flushing = flush(state, operation);
      const auto flushed = co_await std::move(flushing);
      if (!flushed && now != step::failed) co_return flushed.why();
    }
    if (now == step::done) co_return std::move(stream);
    if (now != step::wants_bytes) co_return state->why(operation);
    auto feeding = state->feed();
    const auto fed = co_await std::move(feeding);
    if (!fed) co_return said_of(fed.why(), operation);
  }
}

}  // namespace

task<result<tls_stream>> tls_connect(tcp_stream connection, tls_client client, std::string server) {
  auto state = std::make_shared<detail::tls_state>(std::move(connection), client.context(),
                                                   std::move(server));
  auto shaking = shake_hands(std::move(state), "tls_connect");
  co_return co_await std::move(shaking);
}

task<result<tls_stream>> tls_connect(std::string server, std::uint16_t port, tls_client client) {
  auto connecting = connect(server, port);
  auto connected = co_await std::move(connecting);
  if (!connected) co_return connected.why();
  auto securing = tls_connect(std::move(*connected), std::move(client), std::move(server));
  co_return co_await std::move(securing);
}

task<result<tls_stream>> tls_accept(tcp_stream connection, tls_server server) {
  auto state = std::make_shared<detail::tls_state>(std::move(connection), server.contexts());
  auto shaking = shake_hands(std::move(state), "tls_accept");
  co_return co_await std::move(shaking);
}

detail::tls_state& tls_stream::state() const noexcept {
  LULL_ASSERT(state_ != nullptr,
              "a TLS stream without a connection was used (moved from, perhaps)");
  return *state_;
}

void tls_stream::drop() noexcept {
  if (state_ != nullptr) state_->transport().drop();
  state_.reset();
}

task<result<tls_received>> tls_stream::receive() {
  state().check_core("receive");
  return receive_block(state_);
}

task<result<std::size_t>> tls_stream::receive(std::span<std::byte> into) {
  state().check_core("receive");
  return receive_into(state_, into, "receive");
}

task<result<std::size_t>> tls_stream::receive_exactly(std::span<std::byte> into) {
  state().check_core("receive_exactly");
  return receive_whole(state_, into);
}

task<result<void>> tls_stream::send_all(std::span<const std::byte> bytes) {
  state().check_core("send_all");
  return send_whole(state_, bytes);
}

task<result<void>> tls_stream::send_all(std::span<const std::span<const std::byte>> places) {
  state().check_core("send_all");
  return send_places(state_, places);
}

task<result<void>> tls_stream::shutdown() {
  state().check_core("shutdown");
  return end_sending(state_);
}

task<> tls_stream::close() {
  state().check_core("close");
  return close_state(state_);
}

bool tls_stream::is_open() const noexcept {
  return state_ != nullptr && state_->transport().stream().is_open();
}

const address& tls_stream::peer() const noexcept { return state().transport().peer().ip(); }

const peer_name& tls_stream::remote() const noexcept { return state().transport().peer(); }

std::string_view tls_stream::protocol() const noexcept {
  const unsigned char* name = nullptr;
  unsigned bytes = 0;
  SSL_get0_alpn_selected(&state().connection(), &name, &bytes);
  return {reinterpret_cast<const char*>(name), bytes};
}

std::size_t tls_stream::unread() const noexcept { return state().readable(); }

std::string_view tls_stream::server_name() const noexcept {
  const char* const name = SSL_get_servername(&state().connection(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string_view() : std::string_view(name);
}

std::string_view tls_stream::version() const noexcept {
  return SSL_get_version(&state().connection());
}

bool tls_stream::is_resumed() const noexcept {
  return SSL_session_reused(&state().connection()) == 1;
}

bool tls_stream::kernel_sends() const noexcept { return state().transport().kernel_sends(); }

ssl_st& tls_stream::connection() const noexcept { return state().connection(); }

tcp_stream& tls_stream::transport() noexcept { return state().transport().stream(); }

}  // namespace lull
