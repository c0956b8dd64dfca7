// SPDX-License-Identifier: MIT
#pragma once

// Waits for SIGINT and SIGTERM through one core's ring and calls a function for each, on that core.
// The ring waits and does not read, so that what the core has not come to can be read by another
// thread. The signals have to be blocked in every thread, and claimed by whoever makes one. Not for
// users: lull::run owns the only one, and signal_stream reads others.

#include "../ring/completion.hpp"
#include "core_context.hpp"
#include "submitter.hpp"

namespace lull::detail {

class signal_reader : completion_target, submitter {
 public:
  using function = void (*)(void* state, int signal) noexcept;

  // Begins to wait. Throws std::system_error without a descriptor.
  signal_reader(core_context& on, function call, void* state);
  ~signal_reader();
  signal_reader(const signal_reader&) = delete;
  signal_reader& operator=(const signal_reader&) = delete;

  // Ends the waiting; the core waits for that when it winds up.
  void close() noexcept;

 private:
  friend struct cancel_answer<signal_reader>;

  void arm() noexcept;
  static void arrived(completion_target& self, completion what) noexcept;
  static void fill(submitter& self, submission entry) noexcept;
  static void fill_cancel(submitter& self, submission entry) noexcept;
  void answered(std::int32_t result) noexcept;

  core_context& home_;
  function call_;
  void* state_;
  int descriptor_;
  cancel_answer<signal_reader> cancel_answer_{*this};
  std::uint8_t repeats_ = 0;
  bool closing_ = false;
  bool ended_ = false;
};

}  // namespace lull::detail
