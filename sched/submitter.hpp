// SPDX-License-Identifier: MIT
#pragma once

// Something that wants an entry of its core's ring: it gets one at once, or waits in order until
// the kernel takes more. So a full submission queue delays and never refuses. Core-local,
// intrusive.

#include "../ring/submission.hpp"

namespace lull {

class ring;

namespace detail {

struct core_context;

class submitter {
 public:
  // Called with the entry, once a request.
  using function = void (*)(submitter&, submission) noexcept;

  submitter() noexcept = default;
  submitter(const submitter&) = delete;
  submitter& operator=(const submitter&) = delete;
  ~submitter() {
    if (waiting()) [[unlikely]]
      withdraw();
  }

  // Completions go to `target`, or nowhere if it is null.
  void request(core_context& on, completion_target* target, function fill) noexcept;
  // Takes a wish back that still waits.
  void withdraw() noexcept;
  bool waiting() const noexcept { return queue_ != nullptr; }

 private:
  friend class submitter_queue;

  completion_target* target_ = nullptr;
  function fill_ = nullptr;
  class submitter_queue* queue_ = nullptr;
  submitter* previous_ = nullptr;
  submitter* next_ = nullptr;
};

// Those that found no room, oldest first.
class submitter_queue {
 public:
  bool empty() const noexcept { return first_ == nullptr; }
  // Gives entries as long as there is room.
  void serve(ring& from) noexcept;

 private:
  friend class submitter;

  void push(submitter& one) noexcept;
  void remove(submitter& one) noexcept;

  submitter* first_ = nullptr;
  submitter* last_ = nullptr;
};

}  // namespace detail
}  // namespace lull
