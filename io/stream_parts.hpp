// SPDX-License-Identifier: MIT
#pragma once

// Sending from several places and receiving into several with one submission, so that a head and a
// body need not be copied together. The list of places, and what it names, stay as they are while
// the operation is awaited. Use the functions of byte_stream, which make these.

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <span>

#include "../sched/core_context.hpp"
#include "in_whole.hpp"
#include "limits.hpp"
#include "receiving_operation.hpp"

namespace lull::detail {

// What one submission names. Up to eight places are named in here, more in a block of the core's
// frame pool; of yet more the next follow with the next submission, eight at a time where there is
// no memory.
class message_parts {
 public:
  message_parts() noexcept = default;
  message_parts(const message_parts&) = delete;
  message_parts& operator=(const message_parts&) = delete;
  ~message_parts() {
    if (more_ != nullptr) deallocate_frame(more_, bytes_of_more);
  }

  // From the byte `skip` of the first place on.
  template <class Byte>
  void set(std::span<const std::span<Byte>> places, std::size_t skip) noexcept {
    const std::span<iovec> room = room_for(places.size());
    message_ = {};
    message_.msg_iov = room.data();
    for (const std::span<Byte> place : places) {
      if (message_.msg_iovlen == room.size()) break;
      const std::span<Byte> rest = place.subspan(skip);
      skip = 0;
      room[message_.msg_iovlen++] = {const_cast<std::byte*>(rest.data()), rest.size()};
    }
  }
  msghdr& message() noexcept { return message_; }

 private:
  static constexpr std::size_t few = 8;
  static constexpr std::size_t bytes_of_more = limits::message_places * sizeof(iovec);

  std::span<iovec> room_for(std::size_t places) noexcept;

  msghdr message_{};
  iovec few_[few];
  iovec* more_ = nullptr;  // limits::message_places of them
};

// All bytes of all places. After a failure an unknown part has been sent.
class [[nodiscard]] send_parts : public in_whole<send_parts, socket_operation<send_parts>> {
 public:
  static constexpr const char* name = "send_all";
  static constexpr int no_progress = EPIPE;

  send_parts(receiving_socket& socket, std::span<const std::span<const std::byte>> places) noexcept
      : in_whole(socket), left_(places) {
    skip_empty();
  }

  void prepare(submission entry) noexcept;
  void advance(std::size_t bytes) noexcept;
  bool done() const noexcept { return left_.empty(); }

 private:
  void skip_empty() noexcept;

  std::span<const std::span<const std::byte>> left_;  // the first from skip_ on
  std::size_t skip_ = 0;
  message_parts parts_;
};

// What has come, into the places one after the other.
class [[nodiscard]] receive_parts : public receiving_operation<receive_parts> {
 public:
  static constexpr const char* name = "receive";

  receive_parts(receiving_socket& socket, std::span<const std::span<std::byte>> places) noexcept
      : receiving_operation(socket), places_(places) {}

  void prepare(submission entry) noexcept;
  result<std::size_t> await_resume() noexcept;

 private:
  std::span<const std::span<std::byte>> places_;
  message_parts parts_;
};

}  // namespace lull::detail
