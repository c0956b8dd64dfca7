// SPDX-License-Identifier: MIT
#pragma once

// Owners of what OpenSSL allocates, without its headers.

#include <memory>

struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct x509_st;

namespace lull::detail {

struct free_openssl {
  void operator()(bio_st* what) const noexcept;
  void operator()(evp_pkey_st* what) const noexcept;
  void operator()(ssl_ctx_st* what) const noexcept;
  void operator()(ssl_session_st* what) const noexcept;
  void operator()(ssl_st* what) const noexcept;
  void operator()(x509_st* what) const noexcept;
};

template <class T>
using openssl_owner = std::unique_ptr<T, free_openssl>;

}  // namespace lull::detail
