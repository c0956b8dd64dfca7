// SPDX-License-Identifier: MIT
#pragma once

// The TCP ports that this process listens on. Listeners of several cores share a port by
// SO_REUSEPORT, which would let another program of the same user share it as well, and get some of
// the connections: one started twice, say. So the first listener of a port takes it alone, which
// fails where anybody listens there, and lets others in afterwards. Any thread.
//
// | variable        | written by             | read by  | pairings |
// |-----------------|------------------------|----------|----------|
// | listeners_of    | who has the lock       | the same | the lock |

#include <cstdint>
#include <utility>

#include "address.hpp"

namespace lull {

class kernel;

namespace detail {

// Of one listener, as long as that lives.
class port_claim {
 public:
  port_claim() noexcept = default;
  port_claim(port_claim&& other) noexcept : port_(std::exchange(other.port_, 0)) {}
  port_claim& operator=(port_claim other) noexcept {
    std::swap(port_, other.port_);
    return *this;
  }
  ~port_claim();

  // Binds and listens, sharing with those of this process. A negative errno of the first step that
  // failed. Once a claim; system calls under a lock.
  int listen(kernel& seam, int descriptor, const address& local, int backlog) noexcept;

 private:
  std::uint16_t port_ = 0;  // 0: none
};

}  // namespace detail
}  // namespace lull
