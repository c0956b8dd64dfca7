// SPDX-License-Identifier: MIT
#pragma once

// What comes with a message besides its bytes: writing it for sendmsg, and looking through what
// recvmsg gave. The memory need not be aligned. Any thread.

#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "../base/assert.hpp"

namespace lull::detail {

class control_writer {
 public:
  explicit control_writer(std::span<std::byte> into) noexcept : into_(into) {}

  // Adds one entry. There is room for it.
  void add(int level, int type, std::span<const std::byte> data) noexcept {
    const std::size_t whole = CMSG_SPACE(data.size());
    LULL_ASSERT(into_.size() - used_ >= whole, "control data of %zu bytes has room for %zu", whole,
                into_.size() - used_);
    cmsghdr head{};
    head.cmsg_len = CMSG_LEN(data.size());
    head.cmsg_level = level;
    head.cmsg_type = type;
    std::byte* const at = into_.data() + used_;
    std::memset(at, 0, whole);
    std::memcpy(at, &head, sizeof(head));
    std::memcpy(at + CMSG_LEN(0), data.data(), data.size());
    used_ += whole;
  }
  template <class Value>
  void add(int level, int type, const Value& value) noexcept {
    add(level, type, std::as_bytes(std::span(&value, 1)));
  }
  std::size_t bytes() const noexcept { return used_; }

 private:
  std::span<std::byte> into_;
  std::size_t used_ = 0;
};

// Calls `visit(level, type, data)` for each entry.
template <class Visit>
void for_each_control(std::span<const std::byte> control, Visit visit) {
  cmsghdr head;
  while (control.size() >= CMSG_LEN(0)) {
    std::memcpy(&head, control.data(), sizeof(head));
    if (head.cmsg_len < CMSG_LEN(0) || head.cmsg_len > control.size()) return;
    visit(head.cmsg_level, head.cmsg_type,
          control.subspan(CMSG_LEN(0), head.cmsg_len - CMSG_LEN(0)));
    control = control.subspan(std::min<std::size_t>(CMSG_ALIGN(head.cmsg_len), control.size()));
  }
}

// The value of an entry that holds one; shorter entries leave the rest zero.
template <class Value>
Value value_of(std::span<const std::byte> data) noexcept {
  Value value{};
  std::memcpy(&value, data.data(), std::min(sizeof(value), data.size()));
  return value;
}

}  // namespace lull::detail
