// SPDX-License-Identifier: MIT
#pragma once

// An IPv4 or IPv6 address with a port. A value of 28 bytes; any thread. Numbers only: it never asks
// a name server, so nothing here blocks.

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lull {

class address {
 public:
  // No address: prints as "-".
  address() noexcept : raw_{.v6 = {}} {}

  // "127.0.0.1:80" or "[::1]:80". Empty when the text is anything else, a name for example.
  static std::optional<address> parse(std::string_view text) noexcept;
  // "127.0.0.1" or "::1", with or without brackets; a scope as in "fe80::1%eth0" or "fe80::1%2".
  static std::optional<address> parse(std::string_view host, std::uint16_t port) noexcept;
  // As the first, for text that somebody wrote: throws std::invalid_argument with a sentence that
  // says what is wrong with it and how to write it.
  static address of(std::string_view text);
  // What a system call gave; no address when the family is neither.
  static address from(const sockaddr* raw, socklen_t bytes) noexcept;

  // 127.0.0.1 and 0.0.0.0; ::1 and ::. Port 0 lets the kernel choose when binding.
  static address loopback(std::uint16_t port) noexcept;
  static address any(std::uint16_t port) noexcept;
  static address loopback_v6(std::uint16_t port) noexcept;
  static address any_v6(std::uint16_t port) noexcept;

  explicit operator bool() const noexcept { return family() != AF_UNSPEC; }
  int family() const noexcept { return raw_.generic.sa_family; }
  bool is_v4() const noexcept { return family() == AF_INET; }
  bool is_v6() const noexcept { return family() == AF_INET6; }
  std::uint16_t port() const noexcept;
  address with_port(std::uint16_t port) const noexcept;

  // The form that parse takes; and without brackets and port.
  std::string to_string() const;
  std::string host() const;
  // The number of the host as it goes over the network, 4 bytes or 16; of no address none. A view
  // into this object: a key for what is kept for each client, say.
  std::string_view host_bytes() const noexcept;

  // As system calls take it.
  const sockaddr* data() const noexcept { return &raw_.generic; }
  socklen_t size() const noexcept;

  friend bool operator==(const address& a, const address& b) noexcept;

 private:
  // Zero is AF_UNSPEC.
  union any_family {
    sockaddr generic;
    sockaddr_in v4;
    sockaddr_in6 v6;
  } raw_;
};

}  // namespace lull
