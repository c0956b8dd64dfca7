// SPDX-License-Identifier: MIT
#include "tls_state.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <new>
#include <optional>
#include <utility>

#include "../base/assert.hpp"
#include "../sched/when_any.hpp"
#include "limits.hpp"
#include "tls_contexts.hpp"
#include "tls_failure.hpp"

namespace lull::detail {

tls_state::tls_state(tcp_stream stream, std::shared_ptr<const tls_server_contexts> contexts)
    : home_(this_context("tls_accept")),
      transport_(std::move(stream)),
      contexts_(std::move(contexts)) {
  open(*contexts_->by_identity.front());
  SSL_set_accept_state(connection_.get());
}

tls_state::tls_state(tcp_stream stream, std::shared_ptr<tls_client_context> context,
                     std::string server)
    : home_(this_context("tls_connect")),
      transport_(std::move(stream)),
      client_(std::move(context)),
      server_(std::move(server)) {
  LULL_ASSERT(&client_->home == &home_,
              "a tls_client of core %u was used on core %u; make one on each core",
              client_->home.index, home_.index);
  open(*client_->context);
  SSL* const connection = connection_.get();
  SSL_set_connect_state(connection);
  if (!expect(server_)) {
    failed_ = failure(EINVAL, "", transport_.peer(),
                      "a server has a name of 1 to 255 bytes, which begins with none of its dots");
  }
  if (const auto session = client_->take(server_)) SSL_set_session(connection, session.get());
}

// Whom the certificate has to be for.
bool tls_state::expect(const std::string& server) noexcept {
  SSL* const connection = connection_.get();
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const auto number = address::parse(server, 0);
  if (!number) {
    if (server.starts_with('.')) return false;  // OpenSSL would take any name below it
    return SSL_set_tlsext_host_name(connection, server.c_str()) == 1 &&
           X509_VERIFY_PARAM_set1_host(wanted, server.data(), server.size()) == 1;
  }
  // Which is no name that a client may ask for.
  if (number->is_v4()) {
    const auto& raw = *reinterpret_cast<const sockaddr_in*>(number->data());
    return X509_VERIFY_PARAM_set1_ip(wanted, reinterpret_cast<const unsigned char*>(&raw.sin_addr),
                                     sizeof(raw.sin_addr)) == 1;
  }
  const auto& raw = *reinterpret_cast<const sockaddr_in6*>(number->data());
  return X509_VERIFY_PARAM_set1_ip(wanted, raw.sin6_addr.s6_addr, sizeof(raw.sin6_addr)) == 1;
}

tls_state::~tls_state() {
  // Without this OpenSSL takes the session of a connection that was not shut down for a bad one.
  if (is_good()) SSL_set_shutdown(connection_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void tls_state::open(ssl_ctx_st& context) {
  connection_.reset(SSL_new(&context));
  if (connection_ == nullptr) throw std::bad_alloc();
  bio_st* const bio = transport_.new_bio().release();
  SSL_set_bio(connection_.get(), bio, bio);
  SSL_set_app_data(connection_.get(), this);
}

tls_state& tls_state::of(const ssl_st& connection) noexcept {
  return *static_cast<tls_state*>(SSL_get_app_data(&connection));
}

void tls_state::check_core(const char* operation) const noexcept {
  LULL_ASSERT(home_.is_current(),
              "%s was called on a TLS connection of core %u from elsewhere; it is used on the core "
              "that made it",
              operation, home_.index);
}

// What came of a call.
tls_state::step tls_state::after(int result) noexcept {
  if (result > 0) return step::done;
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return step::wants_bytes;
    case SSL_ERROR_ZERO_RETURN:
      return step::ended;
    default:
      failed_ = tls_failure(*connection_, "", transport_.peer());
      return step::failed;
  }
}

tls_state::step tls_state::handshake() noexcept {
  if (failed_) return step::failed;
  ERR_clear_error();
  const step now = after(SSL_do_handshake(connection_.get()));
  established_ = now == step::done;
  if (now != step::ended) return now;
  failed_ = failure(ECONNABORTED, "", transport_.peer(),
                    "the peer said farewell (close_notify) in the middle of the handshake");
  return step::failed;
}

tls_state::step tls_state::read(std::span<std::byte> into, std::size_t& moved) noexcept {
  if (failed_) return step::failed;
  ERR_clear_error();
  return after(SSL_read_ex(connection_.get(), into.data(), into.size(), &moved));
}

tls_state::step tls_state::look() noexcept {
  if (failed_) return step::failed;
  ERR_clear_error();
  char first = 0;
  std::size_t seen = 0;
  return after(SSL_peek_ex(connection_.get(), &first, 1, &seen));
}

tls_state::step tls_state::write(std::span<const std::byte> from, std::size_t& moved) noexcept {
  if (failed_) return step::failed;
  ERR_clear_error();
  const step now = after(SSL_write_ex(connection_.get(), from.data(), from.size(), &moved));
  if (now == step::done || now == step::failed) return now;
  if (now == step::ended) {  // what OpenSSL says of no memory where the peer has said farewell
    failed_ = failure(ENOMEM, "", transport_.peer());
    return step::failed;
  }
  // It would rather read: what came ended in the middle of a message of the protocol. Whoever sends
  // that may be hostile, so it is no reason to stop.
  failed_ = failure(EPROTO, "", transport_.peer(),
                    "the peer stopped in the middle of a message of TLS, so nothing can be sent; "
                    "treat the connection as broken");
  return step::failed;
}

std::size_t tls_state::readable() const noexcept {
  return static_cast<std::size_t>(SSL_pending(connection_.get()));
}

void tls_state::say_farewell() noexcept {
  // Not with keys that the peer expects no more.
  if (!is_good() || has_said_farewell() || transport_.has_promised_keys()) return;
  ERR_clear_error();
  SSL_shutdown(connection_.get());
  ERR_clear_error();
}

bool tls_state::has_said_farewell() const noexcept {
  return (SSL_get_shutdown(connection_.get()) & SSL_SENT_SHUTDOWN) != 0;
}

std::optional<failure> tls_state::why_not_to_send() const noexcept {
  constexpr const char* operation = "send_all";
  if (!transport_.stream().is_open()) return failure(EBADF, operation, transport_.peer());
  if (has_said_farewell()) return failure(EPIPE, operation, transport_.peer());
  if (failed_) return why(operation);
  if (!transport_.kernel_sends()) return std::nullopt;
  // OpenSSL would change them with the next that it is given to send, or has.
  if (!transport_.has_promised_keys() &&
      SSL_get_key_update_type(connection_.get()) == SSL_KEY_UPDATE_NONE) {
    return std::nullopt;
  }
  return failure(EPROTO, operation, transport_.peer(),
                 "new keys were asked for, and the kernel, which encrypts what is sent, cannot "
                 "change them; connect again, or leave kernel_sends out");
}

task<result<void>> tls_state::send_by_kernel(std::span<const std::span<const std::byte>> places) {
  if (const auto refusal = why_not_to_send()) co_return *refusal;
  auto waiting = transport_.turn();
  const auto turn = co_await std::move(waiting);
  if (!turn) co_return turn.why();
  bool begun = false;
  for (std::span<const std::byte> left : places) {
    for (; !left.empty(); begun = true) {
      if (const auto refusal = why_not_to_send()) {
        if (begun && refusal->code == EBADF) {  // closed meanwhile
          co_return failure(ECANCELED, "send_all", transport_.peer());
        }
        co_return *refusal;
      }
      auto sending = transport_.send(left);
      const auto sent = co_await std::move(sending);
      if (!sent) co_return sent.why();
      left = left.subspan(*sent);
    }
  }
  co_return result<void>();
}

task<result<void>> tls_state::feed() {
  if (transport_.queued() > limits::tls_unread) {
    // Much of it answers what the peer sends, and it does not read: no more before it does.
    auto flushing = transport_.flush();
    const auto flushed = co_await std::move(flushing);
    if (!flushed) co_return flushed.why();
  }
  std::optional<result<bool>> came;
  if (transport_.has_queued() && !transport_.is_flushing()) {
    // Both at a time: the peer may read only when it has been read. Who is stopped loses nothing.
    // That nothing can be sent any more, the next that sends says: what comes is read all the same,
    // until so much waits that nothing is received before.
    auto flushing = transport_.flush();
    auto receiving = transport_.receive();
    auto first = co_await when_any(std::move(flushing), std::move(receiving));
    if (first.index == 1) {
      came.emplace(std::move(std::get<1>(first.value)));
    }
  }
  if (!came) {
    auto receiving = transport_.receive();
    came.emplace(co_await std::move(receiving));
  }
  if (!*came) co_return came->why();
  if (!**came) {
    failed_ = failure(
        ECONNABORTED, "", transport_.peer(),
        established_
            ? "the peer ended the connection without a farewell (close_notify), so what it sent "
              "may be cut off; treat it as incomplete unless its length is known"
            : "the peer ended the connection in the middle of the handshake; see what it says of "
              "that, and check the port");
    co_return why("");
  }
  co_return result<void>();
}

failure tls_state::why(const char* operation) const noexcept {
  LULL_ASSERT(failed_.has_value(), "a TLS connection was asked why it failed, and has not");
  failure said = *failed_;
  said.operation = operation;
  return said;
}

void tls_state::keep_session(openssl_owner<ssl_session_st> session) {
  if (SSL_SESSION_is_resumable(session.get()) == 1) client_->keep(server_, std::move(session));
}

}  // namespace lull::detail
