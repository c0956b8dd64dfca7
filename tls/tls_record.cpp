// SPDX-License-Identifier: MIT
#include "tls_record.hpp"

#include <linux/sockios.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "../io/limits.hpp"
#include "../io/message_control.hpp"
#include "limits.hpp"

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

bool has_left(int socket) noexcept {
  tcp_info now{};
  socklen_t bytes = sizeof(now);
  int unsent = 0;
  if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &now, &bytes) != 0) return true;
  return now.tcpi_state == TCP_CLOSE || ::ioctl(socket, SIOCOUTQ, &unsent) != 0 || unsent == 0;
}

std::size_t most_to_send(int socket) noexcept {
  int room = 0;
  socklen_t bytes = sizeof(room);
  if (::getsockopt(socket, SOL_SOCKET, SO_SNDBUF, &room, &bytes) != 0) room = 0;
  const std::size_t whole = static_cast<std::size_t>(std::max(room, 4));
  return whole < limits::tls_send_room ? whole / 4 : limits::submission_bytes;
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
