// SPDX-License-Identifier: MIT
#include "tls_client.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <new>
#include <utility>

#include "limits.hpp"
#include "tls_contexts.hpp"
#include "tls_state.hpp"

namespace lull {
namespace detail {

void tls_client_context::keep(std::string_view server, openssl_owner<ssl_session_st> session) {
  std::erase_if(sessions_, [&](const kept& one) { return one.server == server; });
  sessions_.push_front({std::string(server), std::move(session)});
  if (sessions_.size() > limits::tls_sessions) sessions_.pop_back();
}

openssl_owner<ssl_session_st> tls_client_context::take(std::string_view server) noexcept {
  const auto found = std::ranges::find(sessions_, server, &kept::server);
  if (found == sessions_.end()) return nullptr;
  openssl_owner<ssl_session_st> session = std::move(found->session);
  sessions_.erase(found);
  return session;
}

}  // namespace detail

namespace {

// OpenSSL has a session for us: it is ours when 1 is returned.
int new_session(SSL* connection, SSL_SESSION* session) {
  try {
    detail::tls_state::of(*connection).keep_session(detail::openssl_owner<ssl_session_st>(session));
  } catch (const std::bad_alloc&) {
    // gone: the next handshake is a whole one
  }
  return 1;
}

}  // namespace

tls_client::tls_client(const tls_client_options& options)
    : context_(std::make_shared<detail::tls_client_context>()) {
  context_->context = detail::new_tls_context(false, options.kernel_sends);
  SSL_CTX* const context = context_->context.get();
  if (options.verify) {
    detail::trust_authorities(*context, options.authorities);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  const std::string protocols = detail::protocol_list(options.protocols);
  if (!protocols.empty() &&
      SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(protocols.data()),
                              static_cast<unsigned>(protocols.size())) != 0) {
    throw std::bad_alloc();
  }
  SSL_CTX_set_session_cache_mode(
      context, options.resume ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE
                              : SSL_SESS_CACHE_OFF);
  if (options.resume) SSL_CTX_sess_set_new_cb(context, &new_session);
}

}  // namespace lull
