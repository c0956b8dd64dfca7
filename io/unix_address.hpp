// SPDX-License-Identifier: MIT
#pragma once

// The name of a Unix socket: a path of the file system, or an abstract name, which the kernel keeps
// and which ends with its socket. A value of 112 bytes; any thread. Nothing here looks at the file
// system.

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lull {

class unix_address {
 public:
  // The longest path or abstract name, in bytes.
  static constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;

  // No name, which is what a socket has that was never bound: prints as "unix:".
  unix_address() noexcept;

  // "/run/service.sock", "./service.sock" or "@name" (abstract), also after "unix:". A byte may be
  // written as \xNN, as to_string does with those that cannot be seen. Empty when the text is
  // neither, or too long.
  static std::optional<unix_address> parse(std::string_view text) noexcept;
  // The same, for text that somebody wrote: throws std::invalid_argument with a sentence that says
  // what is wrong with it and how to write it.
  static unix_address of(std::string_view text);
  // The bytes as they are; empty when there are none or too many, or a zero in a path.
  static std::optional<unix_address> path(std::string_view bytes) noexcept;
  static std::optional<unix_address> abstract(std::string_view bytes) noexcept;
  // What a system call gave; no name when it is of another family.
  static unix_address from(const sockaddr* raw, socklen_t bytes) noexcept;
  // For binding: the kernel chooses an abstract name that nobody has.
  static unix_address any() noexcept { return {}; }

  explicit operator bool() const noexcept { return size_ > offset; }
  bool is_abstract() const noexcept { return size_ > offset && raw_.sun_path[0] == '\0'; }
  bool is_path() const noexcept { return size_ > offset && raw_.sun_path[0] != '\0'; }
  // The path, or the abstract name without the zero in front of it. As long as this object.
  std::string_view name() const noexcept;

  // The form that parse takes.
  std::string to_string() const;

  // As system calls take it.
  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&raw_); }
  socklen_t size() const noexcept { return size_; }
  int family() const noexcept { return AF_UNIX; }

  friend bool operator==(const unix_address& a, const unix_address& b) noexcept {
    return a.is_abstract() == b.is_abstract() && a.name() == b.name();
  }

 private:
  static constexpr socklen_t offset = offsetof(sockaddr_un, sun_path);

  sockaddr_un raw_;
  unsigned char size_ = offset;
};

}  // namespace lull
