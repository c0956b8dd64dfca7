// SPDX-License-Identifier: MIT
#pragma once

// The TCP ports that this process listens on. Listeners of several cores share a port by
// SO_REUSEPORT, which would let another program of the same user share it as well, and get some of
// the connections: one started twice, say. So the first listener binds the port alone, which fails
// where anybody has it, and lets others in afterwards. Any thread.
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

// Of one listener, until its descriptor is closed.
class port_claim {
 public:
  port_claim() noexcept = default;
  port_claim(port_claim&& other) noexcept : port_(std::exchange(other.port_, 0)) {}
  port_claim& operator=(port_claim other) noexcept {
    std::swap(port_, other.port_);
    return *this;
  }
  ~port_claim();

  // Binds the socket for a listener that shares with those of this process. A negative errno of the
  // first step that failed. Once a claim; system calls under a lock.
  int bind(kernel& seam, int descriptor, const address& local) noexcept;

 private:
  std::uint16_t port_ = 0;  // 0: none
};

}  // namespace detail
}  // namespace lull
