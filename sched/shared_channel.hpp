// SPDX-License-Identifier: MIT
#pragma once

// A bounded first-in first-out of values between tasks of any cores, and threads that are no core.
// Tasks send and receive from whatever core, and wait in order, with their value in the awaiter;
// they resume on their own core, by a message. Threads try_send and try_receive, and close. Values
// of one sender are received in the order in which it sent them; nobody overtakes who waits. A
// closed channel takes no more values; what it has is still received.
//
// A std::mutex guards it, held for some instructions and the move of a value, and by a thread that
// is no core also while it wakes a core: so cores may have to wait for each other, briefly. One
// allocation, when it is made. Between tasks of one core a channel is much cheaper; what many cores
// use at every request is better split. It outlives all that use it.

#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

#include "../base/intrusive_list.hpp"
#include "circular_buffer.hpp"
#include "remote_wait.hpp"

namespace lull {

template <class T>
class shared_channel {
 public:
  using value_type = T;

  // Throws std::bad_alloc.
  explicit shared_channel(std::size_t capacity) : values_(capacity) {
    LULL_ASSERT(capacity != 0, "a shared_channel needs room for one value at least");
  }
  shared_channel(const shared_channel&) = delete;
  shared_channel& operator=(const shared_channel&) = delete;
  ~shared_channel() {
    LULL_ASSERT(receivers_.empty() && senders_.empty(),
                "a shared_channel was destroyed while tasks wait for it; close it and join them");
  }

  class [[nodiscard]] send_awaiter : private detail::remote_wait {
   public:
    send_awaiter(shared_channel& to, T&& value) noexcept
        : remote_wait(to.guard_), channel_(to), value_(std::move(value)) {}
    bool await_ready() noexcept {
      const std::lock_guard lock(channel_.guard_);
      return send_now();
    }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "shared_channel::send")) return stepped_back();
      const std::lock_guard lock(channel_.guard_);
      if (send_now()) return goes_on();
      channel_.senders_.push_back(*this);
      return true;
    }
    [[nodiscard]] bool await_resume() const noexcept { return sent_; }

   private:
    friend class shared_channel;
    friend class detail::intrusive_list<send_awaiter>;

    // Under the lock: whether there is nothing to wait for.
    bool send_now() noexcept {
      sent_ = channel_.offer(std::move(value_));
      return sent_ || channel_.closed_;
    }

    shared_channel& channel_;
    T value_;
    bool sent_ = false;
  };

  class [[nodiscard]] receive_awaiter : private detail::remote_wait {
   public:
    explicit receive_awaiter(shared_channel& from) noexcept
        : remote_wait(from.guard_), channel_(from) {}
    bool await_ready() noexcept {
      const std::lock_guard lock(channel_.guard_);
      return receive_now();
    }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "shared_channel::receive")) return stepped_back();
      const std::lock_guard lock(channel_.guard_);
      if (receive_now()) return goes_on();
      channel_.receivers_.push_back(*this);
      return true;
    }
    std::optional<T> await_resume() noexcept { return std::move(value_); }

   private:
    friend class shared_channel;
    friend class detail::intrusive_list<receive_awaiter>;

    // Under the lock: whether there is nothing to wait for.
    bool receive_now() noexcept {
      channel_.take(value_);
      return value_.has_value() || channel_.closed_;
    }

    shared_channel& channel_;
    std::optional<T> value_;
  };

  // co_await, on a core: true, the value is in the channel or with who receives it; false, and the
  // value is gone, if the channel is closed or was closed before there was room, or a stop was
  // asked for before. Where there is room it is sent, stop or not.
  send_awaiter send(T value) noexcept { return send_awaiter(*this, std::move(value)); }
  // co_await, on a core: the oldest value; nothing if the channel is closed and has none, or a stop
  // was asked for before there was one. A value that is there is received, stop or not.
  receive_awaiter receive() noexcept { return receive_awaiter(*this); }

  // What follows is for any thread. False if there is no room or it is closed; `value` is as it was
  // then.
  [[nodiscard]] bool try_send(T&& value) noexcept {
    const std::lock_guard lock(guard_);
    return offer(std::move(value));
  }
  // Nothing if there is none.
  std::optional<T> try_receive() noexcept {
    std::optional<T> value;
    const std::lock_guard lock(guard_);
    take(value);
    return value;
  }
  // Whoever waits resumes with false or nothing. Closing a closed channel does nothing.
  void close() noexcept {
    const std::lock_guard lock(guard_);
    closed_ = true;
    while (!receivers_.empty()) receivers_.pop_front().release();
    while (!senders_.empty()) senders_.pop_front().release();
  }
  bool is_closed() const noexcept {
    const std::lock_guard lock(guard_);
    return closed_;
  }
  // Values that are there to be received, those of waiting senders not counted.
  std::size_t size() const noexcept {
    const std::lock_guard lock(guard_);
    return values_.size();
  }
  std::size_t capacity() const noexcept { return values_.capacity(); }

 private:
  // Under the lock.
  bool offer(T&& value) noexcept {
    if (closed_) return false;
    if (!receivers_.empty()) {
      receive_awaiter& first = receivers_.pop_front();
      first.value_.emplace(std::move(value));
      first.release();
      return true;
    }
    if (values_.full()) return false;
    values_.push(std::move(value));
    return true;
  }
  void take(std::optional<T>& into) noexcept {
    if (values_.empty()) return;
    into.emplace(values_.pop());
    if (senders_.empty()) return;
    send_awaiter& next = senders_.pop_front();
    values_.push(std::move(next.value_));
    next.sent_ = true;
    next.release();
  }

  // Guards what follows. Receivers wait only where there is no value, senders only where there is
  // no room.
  mutable std::mutex guard_;
  detail::circular_buffer<T> values_;
  detail::intrusive_list<receive_awaiter> receivers_;
  detail::intrusive_list<send_awaiter> senders_;
  bool closed_ = false;
};

}  // namespace lull
