// SPDX-License-Identifier: MIT
#pragma once

// What a stream has sent without copying it. The kernel reads it where it lies, until the peer has
// confirmed it or the connection is over; so the stream's descriptor stays open meanwhile. Once the
// stream is closed the peer has the stream's patience to confirm something, and again each time
// that it has, however slow it is; then the connection is reset, which ends what is under way,
// whatever the peer does. When the core ends, it has that patience once, and no longer than
// the core may take. Core-local; a stream makes one with its first such send.

#include <chrono>
#include <cstdint>

#include "../base/intrusive_list.hpp"
#include "../ring/completion.hpp"
#include "../sched/submitter.hpp"
#include "../sched/timer_queue.hpp"

namespace lull::detail {

class receiving_socket;

class unconfirmed : public list_node,
                    private timer_node,
                    private submitter,
                    private completion_target {
 public:
  explicit unconfirmed(receiving_socket& of) noexcept
      : timer_node(&unconfirmed::patience_ended),
        completion_target(&unconfirmed::was_reset),
        socket_(of) {}
  ~unconfirmed();

  // A send uses the socket and its memory, between these two.
  void begin() noexcept;
  void end() noexcept;
  // The socket is being closed. Nothing more begins.
  void close(std::chrono::milliseconds patience) noexcept;
  // The core ends: the peer's time is what that may take, at most.
  void hurry() noexcept;

 private:
  void wait(std::chrono::milliseconds time) noexcept;
  static void patience_ended(timer_node& self) noexcept;
  static void fill_reset(submitter& self, submission entry) noexcept;
  static void was_reset(completion_target& self, completion what) noexcept;

  int left_to_confirm() const noexcept;
  // Whether the peer has confirmed something since this was asked last.
  bool confirms() noexcept;

  receiving_socket& socket_;
  std::uint32_t sends_ = 0;
  bool resets_ = false;
  int left_ = 0;  // bytes, when that was looked at last
  std::chrono::milliseconds patience_{};
};

}  // namespace lull::detail
