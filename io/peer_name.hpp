// SPDX-License-Identifier: MIT
#pragma once

// With whom an operation was done, for messages: an address, or the name of a Unix socket, of which
// the end is kept when it is long. A value of 44 bytes, since every result has room for one. Any
// thread.

#include <string>
#include <string_view>

#include "address.hpp"
#include "unix_address.hpp"

namespace lull {

class peer_name {
 public:
  // Nobody: prints as "-".
  peer_name() noexcept : ip_() {}
  peer_name(const address& ip) noexcept : ip_(ip) {}
  peer_name(const unix_address& name) noexcept;

  explicit operator bool() const noexcept { return unix_ || ip_; }
  bool is_unix() const noexcept { return unix_; }
  // No address when it is the name of a Unix socket.
  const address& ip() const noexcept;
  // "127.0.0.1:80", "unix:/run/service.sock", or "unix:...the/end/of/a/long/path".
  std::string to_string() const;

 private:
  static constexpr unsigned kept = 40;

  union {
    address ip_;
    char name_[kept];
  };
  unsigned char bytes_ = 0;
  bool unix_ = false;
};

}  // namespace lull
