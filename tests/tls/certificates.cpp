// SPDX-License-Identifier: MIT
#include "certificates.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <catch2/catch_test_macros.hpp>

namespace tls_test {
namespace {

using key_pointer = std::shared_ptr<EVP_PKEY>;
using certificate_pointer = std::shared_ptr<X509>;

constexpr long a_day = 24 * 60 * 60;

key_pointer new_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

template <class Write>
std::string pem_of(Write write) {
  const std::shared_ptr<BIO> memory(BIO_new(BIO_s_mem()), &BIO_free);
  REQUIRE(write(memory.get()) == 1);
  char* text = nullptr;
  const long bytes = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(bytes)};
}

std::string pem_of(X509* certificate) {
  return pem_of([=](BIO* to) { return PEM_write_bio_X509(to, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
  return pem_of([=](BIO* to) {
    return PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

void add(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  REQUIRE(made != nullptr);
  REQUIRE(X509_add_ext(to, made, -1) == 1);
  X509_EXTENSION_free(made);
}

certificate_pointer new_certificate(EVP_PKEY* key, const char* subject, int from, int days) {
  static long serial = 0;
  certificate_pointer made(X509_new(), &X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), from * a_day);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), (from + days) * a_day);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
  REQUIRE(X509_set_pubkey(made.get(), key) == 1);
  return made;
}

certificate_pointer read(const std::string& pem) {
  const std::shared_ptr<BIO> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                    &BIO_free);
  return {PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr), &X509_free};
}

}  // namespace

authority::authority(const char* name, const authority* by) : key_(new_key()) {
  const auto made = new_certificate(key_.get(), name, -2, 10);
  const auto above = by == nullptr ? made : read(by->pem_);
  X509_set_issuer_name(made.get(), X509_get_subject_name(above.get()));
  add(made.get(), above.get(), NID_basic_constraints, "critical,CA:TRUE");
  add(made.get(), above.get(), NID_key_usage, "critical,keyCertSign");
  add(made.get(), above.get(), NID_subject_key_identifier, "hash");
  REQUIRE(X509_sign(made.get(), by == nullptr ? key_.get() : by->key_.get(), EVP_sha256()) != 0);
  pem_ = pem_of(made.get());
}

lull::tls_identity authority::issue(const certificate_wish& wish) const {
  const key_pointer key = new_key();
  const auto issuer = read(pem_);
  const auto made =
      new_certificate(key.get(), "a server", wish.valid_from_days, wish.valid_for_days);
  X509* const signer = wish.by_itself ? made.get() : issuer.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  add(made.get(), signer, NID_subject_alt_name, wish.names);
  REQUIRE(X509_sign(made.get(), wish.by_itself ? key.get() : key_.get(), EVP_sha256()) != 0);
  return {pem_of(made.get()), pem_of(key.get())};
}

const authority& common_authority() {
  static const authority made;
  return made;
}

const lull::tls_identity& common_identity() {
  static const lull::tls_identity made =
      common_authority().issue({.names = "DNS:a.test,DNS:localhost,IP:127.0.0.1"});
  return made;
}

}  // namespace tls_test
