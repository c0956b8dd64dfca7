// SPDX-License-Identifier: MIT
#pragma once

// A connection on its core: a socket whose pieces are parts of one stream of bytes. Core-local.

#include <algorithm>
#include <chrono>
#include <memory>

#include "accept_balance.hpp"
#include "limits.hpp"
#include "receiving_socket.hpp"
#include "unconfirmed.hpp"

namespace lull::detail {

class stream_state final : public receiving_socket {
 public:
  // `counted`: one of the connections of that share, until it begins to close.
  stream_state(io_core& on, int descriptor, const peer_name& peer,
               balance_share* counted = nullptr) noexcept
      : receiving_socket(on, descriptor, peer, false), counted_(counted) {}

  // What was sent without copying. Throws std::bad_alloc.
  unconfirmed& sent() {
    if (sent_ == nullptr) sent_ = std::make_unique<unconfirmed>(*this);
    return *sent_;
  }
  // What the close gives the peer to confirm that; less than none is none.
  void set_close_patience(std::chrono::milliseconds time) noexcept {
    patience_ = std::max(time, std::chrono::milliseconds::zero());
  }
  // The close waits for nothing.
  void set_reset(bool on) noexcept { resets_ = on; }

 private:
  void let_go() noexcept override {
    receiving_socket::let_go();
    if (sent_ != nullptr) sent_->close(resets_ ? std::chrono::milliseconds::zero() : patience_);
    if (counted_ != nullptr) counted_->count_out();
  }
  void fill_receive(submission entry) noexcept override {
    entry.receive_multishot(descriptor(), pool().group());
  }
  void fill_receive(submission entry, std::span<std::byte> into) noexcept override {
    entry.receive(descriptor(), into.data(), into.size(), 0);
  }
  std::int32_t filled(std::span<std::byte>, std::int32_t result) noexcept override {
    return result;
  }

  std::unique_ptr<unconfirmed> sent_;
  std::chrono::milliseconds patience_ = limits::close_patience;
  bool resets_ = false;
  balance_share* counted_;
};

}  // namespace lull::detail
