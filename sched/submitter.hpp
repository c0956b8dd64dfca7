// SPDX-License-Identifier: MIT
#pragma once

// Something that wants an entry of its core's ring: it gets one at once, or waits in order until
// the kernel takes more. So a full submission queue delays and never refuses. Core-local,
// intrusive.

#include "../base/intrusive_list.hpp"
#include "../ring/submission.hpp"

namespace lull {

class ring;

namespace detail {

struct core_context;

class submitter_queue;

class submitter : private list_place<submitter_queue> {
 public:
  // Called with the entry, once a request.
  using function = void (*)(submitter&, submission) noexcept;

  submitter() noexcept = default;

  // Completions go to `target`, or nowhere if it is null.
  void request(core_context& on, completion_target* target, function fill) noexcept;
  // Takes a wish back that still waits.
  void withdraw() noexcept { unlink(); }
  bool waiting() const noexcept { return is_linked(); }

 private:
  friend class submitter_queue;
  friend class intrusive_list<submitter, submitter_queue>;

  completion_target* target_ = nullptr;
  function fill_ = nullptr;
};

// Those that found no room, oldest first.
class submitter_queue {
 public:
  bool empty() const noexcept { return waiting_.empty(); }
  // Gives entries as long as there is room.
  void serve(ring& from) noexcept;

 private:
  friend class submitter;

  intrusive_list<submitter, submitter_queue> waiting_;
};

}  // namespace detail
}  // namespace lull
