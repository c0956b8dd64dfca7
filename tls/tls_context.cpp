// SPDX-License-Identifier: MIT
#include "tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <climits>
#include <new>
#include <stdexcept>

#include "tls_failure.hpp"

namespace lull::detail {
namespace {

openssl_owner<bio_st> reader_of(std::string_view text) {
  if (text.size() > INT_MAX) throw std::invalid_argument("a PEM text of over 2 GiB was given");
  openssl_owner<bio_st> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (bio == nullptr) throw std::bad_alloc();
  return bio;
}

// A protected key is not asked for on the terminal.
int no_password(char*, int, int, void*) { return 0; }

// The next one in the text; null when there are no more.
openssl_owner<x509_st> next_certificate(bio_st& text) {
  ERR_clear_error();
  openssl_owner<x509_st> next(PEM_read_bio_X509(&text, nullptr, &no_password, nullptr));
  if (next == nullptr && ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    throw_unusable("a certificate is no PEM text that can be read; check that it is whole");
  }
  ERR_clear_error();
  return next;
}

}  // namespace

openssl_owner<ssl_ctx_st> new_tls_context(bool for_server, bool kernel_sends) {
  openssl_owner<ssl_ctx_st> context(
      SSL_CTX_new(for_server ? TLS_server_method() : TLS_client_method()));
  if (context == nullptr) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (kernel_sends) SSL_CTX_set_options(context.get(), SSL_OP_ENABLE_KTLS);
  // Buffers only while a record is in part; writes go where a stopped one left off.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

void use_identity(ssl_ctx_st& context, std::string_view chain, std::string_view key) {
  const auto certificates = reader_of(chain);
  const auto leaf = next_certificate(*certificates);
  if (leaf == nullptr) {
    throw_unusable(chain.empty() ? "a certificate was expected, as PEM text, and the text is empty"
                                 : "a certificate was expected, as PEM text (-----BEGIN "
                                   "CERTIFICATE-----), and there is none in the text");
  }
  if (SSL_CTX_use_certificate(&context, leaf.get()) != 1) {
    throw_unusable("a certificate cannot be used");
  }
  while (const auto between = next_certificate(*certificates)) {
    if (SSL_CTX_add1_chain_cert(&context, between.get()) != 1) throw std::bad_alloc();
  }
  const auto reader = reader_of(key);
  const openssl_owner<evp_pkey_st> owner(
      PEM_read_bio_PrivateKey(reader.get(), nullptr, &no_password, nullptr));
  if (owner == nullptr) {
    throw_unusable(
        "a key was expected, as PEM text without a password (-----BEGIN PRIVATE "
        "KEY-----)");
  }
  if (SSL_CTX_use_PrivateKey(&context, owner.get()) != 1 ||
      SSL_CTX_check_private_key(&context) != 1) {
    throw_unusable("a key is not that of its certificate; give the two that belong together");
  }
}

void trust_authorities(ssl_ctx_st& context, std::string_view authorities) {
  if (authorities.empty()) {
    SSL_CTX_set_default_verify_paths(&context);
    return;
  }
  X509_STORE* const store = SSL_CTX_get_cert_store(&context);
  const auto certificates = reader_of(authorities);
  bool any = false;
  while (const auto one = next_certificate(*certificates)) {
    if (X509_STORE_add_cert(store, one.get()) != 1) throw std::bad_alloc();
    any = true;
  }
  if (!any) throw_unusable("the authorities hold no certificate; give them as PEM text");
}

std::string protocol_list(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& one : protocols) {
    if (one.empty() || one.size() > UCHAR_MAX) {
      throw std::invalid_argument("a protocol (ALPN) has a name of 1 to 255 bytes, not \"" + one +
                                  "\"");
    }
    list += static_cast<char>(one.size());
    list += one;
  }
  return list;
}

}  // namespace lull::detail
