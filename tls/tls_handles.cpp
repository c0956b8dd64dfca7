// SPDX-License-Identifier: MIT
#include "tls_handles.hpp"

#include <openssl/ssl.h>

namespace lull::detail {

void free_openssl::operator()(bio_st* what) const noexcept { BIO_free(what); }
void free_openssl::operator()(evp_pkey_st* what) const noexcept { EVP_PKEY_free(what); }
void free_openssl::operator()(ssl_ctx_st* what) const noexcept { SSL_CTX_free(what); }
void free_openssl::operator()(ssl_session_st* what) const noexcept { SSL_SESSION_free(what); }
void free_openssl::operator()(ssl_st* what) const noexcept { SSL_free(what); }
void free_openssl::operator()(x509_st* what) const noexcept { X509_free(what); }

}  // namespace lull::detail
