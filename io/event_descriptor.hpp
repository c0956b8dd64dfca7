// SPDX-License-Identifier: MIT
#pragma once

// A counter that the kernel keeps (eventfd), by which other processes, other threads and client
// libraries tell a core that something has happened: they add, the core waits. Belongs to the core
// that made it: used, moved and dropped there, but for add_one(). The object is one pointer. Closed
// on exec. Within a core use event, between cores shared_channel or run_on: both are cheaper.

#include <cstdint>
#include <memory>

#include "close_file.hpp"
#include "file_operation.hpp"
#include "result.hpp"

namespace lull {

namespace detail {

class [[nodiscard]] read_count : public file_operation<read_count> {
 public:
  static constexpr const char* name = "read";

  explicit read_count(file_state& event) noexcept : file_operation(event) {}
  void prepare(submission entry) noexcept {
    entry.read(file().descriptor(), &value_, sizeof(value_));
  }
  result<std::uint64_t> await_resume() noexcept;

 private:
  std::uint64_t value_ = 0;
};

class [[nodiscard]] add_count : public file_action<add_count> {
 public:
  static constexpr const char* name = "add";

  add_count(file_state& event, std::uint64_t value) noexcept : file_action(event), value_(value) {}
  void prepare(submission entry) noexcept {
    entry.write_elsewhere(file().descriptor(), &value_, sizeof(value_));
  }

 private:
  std::uint64_t value_;
};

}  // namespace detail

class event_descriptor {
 public:
  // How a read takes the counter: to 0, or by one, so that each of those who read gets one.
  enum class reads { everything, one };

  // None: may be assigned to and dropped, nothing else.
  event_descriptor() noexcept = default;
  // Of this core, with that value. A system call; does not suspend. EMFILE, ENFILE. Throws
  // std::bad_alloc.
  static result<event_descriptor> make(unsigned value = 0, reads how = reads::everything);

  // co_await: what has been added since the last read, or one of it, as soon as that is not 0. Ends
  // when its scope is asked to stop; then nothing is taken.
  detail::read_count read() noexcept { return detail::read_count(state()); }
  // co_await: adds; waits as long as the sum would be 2^64 - 1 or more. EINVAL for that value
  // itself.
  detail::add_count add(std::uint64_t value) noexcept { return detail::add_count(state(), value); }
  // Any thread, as long as the descriptor is open and stays where it is: adds one. A system call,
  // which blocks its thread where add() would wait: for counters that somebody reads.
  void add_one() const noexcept;

  // co_await: ends whatever is in flight on it (operation_canceled), then closes.
  detail::close_file close() noexcept { return detail::close_file(state()); }
  // There is one, and it has not been closed from here.
  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }
  // For whom adds: it may be passed on (send_message) and inherited. It stays this object's; -1
  // once closed.
  int descriptor() const noexcept { return state().descriptor(); }

 private:
  explicit event_descriptor(detail::file_state* owned) noexcept : state_(owned) {}
  detail::file_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr,
                "an event_descriptor that is not open was used (moved from, perhaps)");
    return *state_;
  }

  std::unique_ptr<detail::file_state, detail::drop_file> state_;
};

}  // namespace lull
