// SPDX-License-Identifier: MIT
#pragma once

// A datagram that has come: what is known of it, and its bytes where the kernel put them, which
// stay as long as this object (see received.hpp). Belongs to the core that received it.

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "address.hpp"
#include "received.hpp"

namespace lull {

struct datagram_facts {
  address peer;                  // who sent it
  std::size_t size = 0;          // bytes that are here
  std::size_t sent_size = 0;     // bytes that were sent: more than `size` if it was cut off
  std::size_t segment_size = 0;  // of datagrams received as one (udp_socket::coalesce): the size of
                                 // each but the last; 0: it is one
  address destination;           // where it was sent to, with udp_socket::destinations; port 0
  unsigned interface = 0;        // by which it came, likewise

  // Its end was cut off: the buffer was smaller than the datagram.
  bool truncated() const noexcept { return sent_size > size; }
};

class datagram : public datagram_facts {
 public:
  // None.
  datagram() noexcept = default;
  datagram(const datagram_facts& facts, received whole, std::size_t offset) noexcept
      : datagram_facts(facts), whole_(std::move(whole)), offset_(offset) {}

  std::span<const std::byte> bytes() const noexcept {
    return whole_.empty() ? std::span<const std::byte>() : whole_.bytes().subspan(offset_, size);
  }
  operator std::span<const std::byte>() const noexcept { return bytes(); }
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(bytes().data()), bytes().size()};
  }
  // Gives the buffer back; the facts stay, the bytes do not.
  void reset() noexcept { whole_.reset(); }

 private:
  received whole_;  // with what stands before the bytes
  std::size_t offset_ = 0;
};

}  // namespace lull
