// SPDX-License-Identifier: MIT
#include "tls_failure.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <stdexcept>
#include <string>

namespace lull::detail {
namespace {

// Why a certificate was not accepted. OpenSSL's own words where they are all there is to say.
const char* reason_of_certificate(long verdict) noexcept {
  switch (verdict) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "the peer's certificate is signed by itself (self-signed), not by a known authority; "
             "if that is right, add it to the client's authorities";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "the authority that signed the peer's certificate is not known; add it to the "
             "client's authorities, or have the peer send the certificates in between";
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the peer's certificate has expired; have it renewed, or check this machine's clock";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the peer's certificate is not valid yet; check this machine's clock and the peer's";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "the peer's certificate is for another name (hostname mismatch); connect by a name "
             "that is in it, or have the name added";
    case X509_V_ERR_CERT_REVOKED:
      return "the peer's certificate was revoked; have it replaced";
    default:
      return X509_verify_cert_error_string(verdict);
  }
}

// Whether it only says that there was an error below it, from OpenSSL 3.2 on; and what lies below
// is our queue, which makes no system call.
bool says_nothing(unsigned long error) noexcept {
#ifdef SSL_R_RECORD_LAYER_FAILURE
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_RECORD_LAYER_FAILURE) {
    return true;
  }
#endif
  return ERR_SYSTEM_ERROR(error);
}

// Of the errors of this thread the one that says most: what TLS makes of it, or else the first.
unsigned long take_error() noexcept {
  unsigned long chosen = 0;
  while (const unsigned long next = ERR_get_error()) {
    if (says_nothing(next)) continue;
    if (chosen == 0 || ERR_GET_LIB(next) == ERR_LIB_SSL) chosen = next;
  }
  return chosen;
}

const char* reason_of_error(unsigned long error) noexcept {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return ERR_reason_error_string(error);
  switch (ERR_GET_REASON(error)) {
    case SSL_R_HTTP_REQUEST:
      return "the peer speaks plain HTTP to a port for TLS; let it use https, or the port for HTTP";
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_DATA_LENGTH_TOO_LONG:
      return "what the peer sends is not TLS; check the port, and that the peer speaks TLS there";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return "the peer has no version of TLS that is allowed here (1.2 or 1.3); update it";
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      return "both sides have no cipher or no kind of key in common; check the kind of the "
             "server's key and the ciphers that are allowed";
    case SSL_R_NO_APPLICATION_PROTOCOL:
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
      return "both sides have no protocol in common (ALPN); check the lists of protocols";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
      return "the peer does not accept the certificate that it was shown; let it know the "
             "authority, or check the names and the dates in the certificate";
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
      return "what came was altered or damaged on its way; connect again";
    default:
      return ERR_reason_error_string(error);
  }
}

}  // namespace

failure tls_failure(const ssl_st& connection, const char* operation, const peer_name& peer) {
  const unsigned long error = take_error();
  const int code = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && code == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    const long verdict = SSL_get_verify_result(&connection);
    return failure(EKEYREJECTED, operation, peer, reason_of_certificate(verdict));
  }
  // Without an error of its own it is the queue that found no memory.
  if (error == 0 || code == ERR_R_MALLOC_FAILURE) return failure(ENOMEM, operation, peer);
  return failure(EPROTO, operation, peer, reason_of_error(error));
}

void throw_unusable(const char* what) {
  const unsigned long error = ERR_peek_last_error();
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  std::string text = what;
  if (reason != nullptr) text.append(" (OpenSSL says: ").append(reason).append(")");
  ERR_clear_error();
  throw std::invalid_argument(text);
}

}  // namespace lull::detail
