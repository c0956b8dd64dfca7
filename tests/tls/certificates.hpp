// SPDX-License-Identifier: MIT
#pragma once

// Certificates for tests, made when they are needed: an authority of its own, and what it signs.

#include <openssl/evp.h>

#include <memory>
#include <string>

#include <lull/tls/tls_server.hpp>

namespace tls_test {

struct certificate_wish {
  // As OpenSSL writes alternative names: "DNS:a.test,IP:127.0.0.1".
  std::string names = "DNS:a.test";
  int valid_from_days = -1;
  int valid_for_days = 2;
  // Signed by itself.
  bool by_itself = false;
};

class authority {
 public:
  // Signed by another, or by itself.
  explicit authority(const char* name = "an authority", const authority* by = nullptr);
  authority(const authority&) = delete;
  authority& operator=(const authority&) = delete;

  // Its own certificate, as PEM text.
  const std::string& certificate() const noexcept { return pem_; }
  lull::tls_identity issue(const certificate_wish& wish = {}) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::string pem_;
};

// The one authority of most tests: a key takes its time.
const authority& common_authority();
// An identity of it for a.test, and 127.0.0.1 and localhost.
const lull::tls_identity& common_identity();

}  // namespace tls_test
