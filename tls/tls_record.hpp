// SPDX-License-Identifier: MIT
#pragma once

// Where the kernel encrypts what a TLS connection sends: what the protocol itself has to say
// (alerts, tickets, new keys) goes as records of another type than the service's bytes. Core-local.

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <vector>

#include "../io/socket_operation.hpp"

namespace lull::detail {

struct tls_record {
  unsigned char type;
  std::vector<std::byte> bytes;
};

// False: the kernel cannot do it, and OpenSSL has to go on. `keys` as OpenSSL and the kernel
// write them (linux/tls.h). What was sent before is not encrypted by the kernel, whenever it
// leaves.
bool let_kernel_encrypt(int socket, const void* keys) noexcept;
// TCP has nothing more that the peer has not confirmed, or is over.
bool has_left(int socket) noexcept;
// So much goes into a socket at once, that what is left of a record finds room later.
std::size_t most_to_send(int socket) noexcept;

// Some of a record, at least a byte; the rest is another record. What is sent stays in place.
class [[nodiscard]] send_record : public socket_operation<send_record> {
 public:
  static constexpr const char* name = "send record";

  send_record(receiving_socket& socket, const tls_record& what) noexcept;

  void prepare(submission entry) noexcept;
  result<std::size_t> await_resume() noexcept { return end_with_bytes(); }

 private:
  const tls_record& what_;
  msghdr message_{};
  iovec part_{};
  std::byte control_[CMSG_SPACE(sizeof(tls_record::type))];
};

}  // namespace lull::detail
