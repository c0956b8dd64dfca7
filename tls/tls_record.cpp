// SPDX-License-Identifier: MIT
#include "tls_record.hpp"

#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "../io/message_control.hpp"

namespace lull::detail {
namespace {

socklen_t bytes_of(const tls_crypto_info& keys) noexcept {
  switch (keys.cipher_type) {
    case TLS_CIPHER_AES_GCM_128:
      return sizeof(tls12_crypto_info_aes_gcm_128);
    case TLS_CIPHER_AES_GCM_256:
      return sizeof(tls12_crypto_info_aes_gcm_256);
    case TLS_CIPHER_CHACHA20_POLY1305:
      return sizeof(tls12_crypto_info_chacha20_poly1305);
    default:
      return 0;
  }
}

}  // namespace

bool let_kernel_encrypt(int socket, const void* keys) noexcept {
  const socklen_t bytes = bytes_of(*static_cast<const tls_crypto_info*>(keys));
  return bytes != 0 && ::setsockopt(socket, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) == 0 &&
         ::setsockopt(socket, SOL_TLS, TLS_TX, keys, bytes) == 0;
}

send_record::send_record(receiving_socket& socket, const tls_record& what) noexcept
    : socket_operation(socket), what_(what) {}

void send_record::prepare(submission entry) noexcept {
  control_writer control(control_);
  control.add(SOL_TLS, TLS_SET_RECORD_TYPE, what_.type);
  part_ = {const_cast<std::byte*>(what_.bytes.data()), what_.bytes.size()};
  message_.msg_iov = &part_;
  message_.msg_iovlen = 1;
  message_.msg_control = control_;
  message_.msg_controllen = control.bytes();
  entry.send_message(socket().descriptor(), &message_, MSG_NOSIGNAL);
}

}  // namespace lull::detail
