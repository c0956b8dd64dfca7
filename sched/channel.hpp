// SPDX-License-Identifier: MIT
#pragma once

// A bounded first-in first-out of values between tasks of one core. Core-affine: used on one core.
// Sending where there is room and receiving what is there suspend nobody; else the task waits in
// order, with its value in the awaiter, and nobody overtakes. One allocation, when it is made. A
// closed channel takes no more values; what it has is still received. Not for threads or other
// cores. select.hpp receives from several.

#include <cstddef>
#include <optional>
#include <utility>

#include "circular_buffer.hpp"
#include "receiving.hpp"
#include "wait_node.hpp"

namespace lull {

template <class... T>
class select;

template <class T>
class channel {
 public:
  using value_type = T;

  // Throws std::bad_alloc.
  explicit channel(std::size_t capacity) : values_(capacity) {
    LULL_ASSERT(capacity != 0, "a channel needs room for one value at least");
  }
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  ~channel() {
    LULL_ASSERT(receivers_.empty() && senders_.empty(),
                "a channel was destroyed while tasks wait for it; close it and join their scope");
  }

  class [[nodiscard]] send_awaiter : private detail::wait_node {
   public:
    send_awaiter(channel& to, T&& value) noexcept : channel_(to), value_(std::move(value)) {}
    bool await_ready() noexcept {
      granted_ = channel_.try_send(std::move(value_));
      return granted_ || channel_.closed_;
    }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "channel::send")) return stepped_back();
      channel_.senders_.push_back(*this);
      return true;
    }
    [[nodiscard]] bool await_resume() const noexcept { return granted_; }

   private:
    friend class channel;
    friend class detail::intrusive_list<send_awaiter>;

    channel& channel_;
    T value_;
  };

  class [[nodiscard]] receive_awaiter : private detail::receiving, private detail::receiver<T> {
   public:
    explicit receive_awaiter(channel& from) noexcept
        : receiving(&receive_awaiter::withdraw),
          detail::receiver<T>(static_cast<receiving&>(*this)),
          channel_(from) {}
    bool await_ready() noexcept {
      this->value = channel_.try_receive();
      return this->value.has_value() || channel_.closed_;
    }
    bool await_suspend(detail::suspended awaiting) noexcept {
      if (!suspend(awaiting, "channel::receive")) return stepped_back();
      channels_ = 1;
      channel_.receivers_.push_back(*this);
      return true;
    }
    std::optional<T> await_resume() noexcept { return std::move(this->value); }

   private:
    static void withdraw(receiving& self) noexcept {
      static_cast<receive_awaiter&>(self).detail::list_node::unlink();
    }

    channel& channel_;
  };

  // co_await: true, the value is in the channel or with who receives it; false, and the value is
  // gone, if the channel is closed or was closed before there was room, or a stop was asked for
  // before. Where there is room it is sent, stop or not.
  send_awaiter send(T value) noexcept { return send_awaiter(*this, std::move(value)); }
  // False if there is no room or it is closed; `value` is as it was then.
  [[nodiscard]] bool try_send(T&& value) noexcept {
    if (closed_) return false;
    if (!receivers_.empty()) {
      detail::receiver<T>& first = receivers_.pop_front();
      first.value.emplace(std::move(value));
      first.by.delivered();
      return true;
    }
    if (values_.full()) return false;
    values_.push(std::move(value));
    return true;
  }

  // co_await: the oldest value; nothing if the channel is closed and has none, or a stop was asked
  // for before there was one. A value that is there is received, stop or not.
  receive_awaiter receive() noexcept { return receive_awaiter(*this); }
  // Nothing if there is none.
  std::optional<T> try_receive() noexcept {
    std::optional<T> value;
    if (values_.empty()) return value;
    value.emplace(values_.pop());
    if (!senders_.empty()) {
      send_awaiter& next = senders_.pop_front();
      values_.push(std::move(next.value_));
      next.grant();
    }
    return value;
  }

  // Whoever waits resumes, in its turn of the run queue, with false or nothing. Closing a closed
  // channel does nothing.
  void close() noexcept {
    closed_ = true;
    while (!receivers_.empty()) receivers_.pop_front().by.closed();
    while (!senders_.empty()) senders_.pop_front().resume();
  }
  bool is_closed() const noexcept { return closed_; }

  // Values that are there to be received, those of waiting senders not counted.
  std::size_t size() const noexcept { return values_.size(); }
  std::size_t capacity() const noexcept { return values_.capacity(); }

 private:
  template <class... Values>
  friend class select;

  // Receivers wait only where there is no value, senders only where there is no room.
  detail::circular_buffer<T> values_;
  detail::intrusive_list<detail::receiver<T>> receivers_;
  detail::intrusive_list<send_awaiter> senders_;
  bool closed_ = false;
};

}  // namespace lull
