// SPDX-License-Identifier: MIT
#pragma once

// Sending bytes without copying them into the kernel, which reads them where they lie until the
// peer has confirmed them. The operation owns what they lie in: a buffer, a hold, a pointer. The
// coroutine resumes when the kernel has taken the bytes, like that of send_all; the owner is
// destroyed when the kernel has said that it does not read them any more, which can be much later,
// on the same core, in its loop and outside any coroutine.
//
// Bytes that only stay in place while they are awaited are not taken: waiting for the peer before
// going on is slower than copying, and a stop could not end it without resetting the connection.
//
// Less than limits::zero_copy_bytes is copied, for that is cheaper; so is everything where the
// kernel has no such operation, and where it refuses it (locked memory, the kind of socket). The
// owner goes when the copy is made. Costs a block of the core's frame pool a send. Use tcp_stream's
// functions, which make these.

#include <concepts>
#include <cstddef>
#include <memory>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>

#include "../sched/operation.hpp"
#include "result.hpp"
#include "stream_state.hpp"

namespace lull {

// Owns bytes and says where they are: std::string, std::vector<std::byte>. A view does not.
template <class T>
concept byte_buffer = std::ranges::contiguous_range<T> && std::ranges::sized_range<T> &&
                      sizeof(std::ranges::range_value_t<T>) == 1 &&
                      std::is_nothrow_move_constructible_v<T> && !std::ranges::borrowed_range<T>;

// Keeps bytes in place that are not in itself, wherever it is moved: a hold, std::unique_ptr,
// std::shared_ptr. Its destructor does not throw and does not wait.
template <class T>
concept byte_keeper = std::is_nothrow_move_constructible_v<T> &&
                      std::is_nothrow_destructible_v<T> && !std::ranges::range<T>;

namespace detail {

// A send from its submission to the last word of the kernel. It belongs to the coroutine until that
// resumes, and then to itself as long as the kernel owes notifications.
class zero_copy_send : public operation<zero_copy_send> {
 public:
  static constexpr const char* name = "send_all_zero_copy";

  virtual ~zero_copy_send() = default;
  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate_frame(memory, bytes);
  }

  bool await_suspend(suspended awaiting);
  void prepare(submission entry) noexcept;
  result<void> outcome() noexcept;
  // The coroutine needs it no more.
  void let_go() noexcept;

 protected:
  explicit zero_copy_send(stream_state& socket) noexcept : socket_(socket) {
    complete = &zero_copy_send::step;
  }

  std::span<const std::byte> left_;

 private:
  static void step(completion_target& self, completion what) noexcept;
  bool go_on(std::int32_t& result) noexcept;
  bool is_in_vain(std::int32_t result) noexcept;
  void end() noexcept;

  stream_state& socket_;
  int notifications_ = 0;  // that are still to come
  bool copying_ = false;
  cancels_of_others others_;
  bool entered_ = false;
  bool awaited_ = true;
};

// With what the bytes lie in.
template <class Owner>
class zero_copy_send_of final : public zero_copy_send {
 public:
  zero_copy_send_of(stream_state& socket, Owner&& owner) noexcept
      : zero_copy_send(socket), owner_(std::move(owner)) {
    left_ = std::as_bytes(std::span(std::ranges::data(owner_), std::ranges::size(owner_)));
  }
  zero_copy_send_of(stream_state& socket, Owner&& owner, std::span<const std::byte> bytes) noexcept
      : zero_copy_send(socket), owner_(std::move(owner)) {
    left_ = bytes;
  }

 private:
  Owner owner_;
};

class [[nodiscard]] send_zero_copy {
 public:
  // Throws std::bad_alloc; the owner is destroyed then.
  template <class Owner, class... Bytes>
  send_zero_copy(stream_state& socket, Owner&& owner, Bytes... bytes)
      : send_(new zero_copy_send_of<Owner>(socket, std::move(owner), bytes...)) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) {
    LULL_ASSERT(send_ != nullptr, "a send was awaited twice; make one an await");
    return send_->await_suspend(awaiting);
  }
  result<void> await_resume() noexcept {
    result<void> outcome = send_->outcome();
    send_.reset();
    return outcome;
  }

 private:
  struct let_go {
    void operator()(zero_copy_send* send) const noexcept { send->let_go(); }
  };

  std::unique_ptr<zero_copy_send, let_go> send_;
};

}  // namespace detail
}  // namespace lull
