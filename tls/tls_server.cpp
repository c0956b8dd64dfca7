// SPDX-License-Identifier: MIT
#include "tls_server.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <string_view>

#include "tls_contexts.hpp"

namespace lull {
namespace {

const detail::tls_server_contexts& contexts_of(void* argument) noexcept {
  return *static_cast<const detail::tls_server_contexts*>(argument);
}

// The client has named the server, perhaps.
int choose_identity(SSL* connection, int*, void* argument) {
  const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  for (const auto& context : contexts_of(argument).by_identity) {
    X509* const certificate = SSL_CTX_get0_certificate(context.get());
    if (X509_check_host(certificate, name, std::string_view(name).size(), 0, nullptr) == 1) {
      SSL_set_SSL_CTX(connection, context.get());
      break;
    }
  }
  return SSL_TLSEXT_ERR_OK;
}

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* bytes,
                    const unsigned char* offered, unsigned offered_bytes, void* argument) {
  const std::string& ours = contexts_of(argument).protocols;
  unsigned char* found = nullptr;
  const int answer =
      SSL_select_next_proto(&found, bytes, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned>(ours.size()), offered, offered_bytes);
  *chosen = found;
  return answer == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

tls_server::tls_server(const tls_server_options& options) {
  if (options.identities.empty()) {
    throw std::invalid_argument("a server of TLS has no identity; give it a certificate and a key");
  }
  auto made = std::make_shared<detail::tls_server_contexts>();
  made->protocols = detail::protocol_list(options.protocols);
  for (const tls_identity& one : options.identities) {
    auto context = detail::new_tls_context(true, options.kernel_sends);
    detail::use_identity(*context, one.certificates, one.key);
    SSL_CTX_set_tlsext_servername_callback(context.get(), &choose_identity);
    SSL_CTX_set_tlsext_servername_arg(context.get(), made.get());
    if (!made->protocols.empty()) {
      SSL_CTX_set_alpn_select_cb(context.get(), &choose_protocol, made.get());
    }
    // Sessions are kept by the clients alone, in tickets.
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    if (!options.tickets) {
      SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
      SSL_CTX_set_num_tickets(context.get(), 0);
    }
    made->by_identity.push_back(std::move(context));
  }
  contexts_ = std::move(made);
}

}  // namespace lull
