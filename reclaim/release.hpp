// SPDX-License-Identifier: MIT
#pragma once

// Where limbo puts what it lets go of: to its deleter; or on the list of what is held; or on its
// way home. Made for one round of releases from one limbo.

#include <cstddef>

#include "held.hpp"
#include "participant.hpp"
#include "retired_register.hpp"

namespace lull::detail {

class release_sink {
 public:
  // `found`: what is held, to be looked up; null when nothing can be. `sender` sends home; null:
  // nothing has a home.
  release_sink(limbo& from, const held_set* found, participant* sender) noexcept
      : limbo_(from),
        held_(found != nullptr && found->size() != 0 ? found : nullptr),
        sender_(sender) {}

  // How many of these entries, from the first, are not held.
  std::size_t free_entries(const release_kind& kind, void** entries,
                           std::size_t count) const noexcept {
    if (held_ == nullptr) [[likely]]
      return count;
    std::size_t free = 0;
    while (free < count && held_->find(entries[free * kind.words]) == nullptr) ++free;
    return free;
  }

  // Takes a held entry over, with its deleter. False: no memory for that, try again later.
  [[gnu::noinline]] bool keep(const release_kind& kind, void** entry, std::size_t bytes) noexcept;

  void release(const release_kind& kind, void** entries, std::size_t count) noexcept {
#ifdef LULL_CHECKED
    for (std::size_t i = 0; i < count; ++i) note_released(entries[i * kind.words]);
#endif
    kind.release(entries, count);
  }

  // The same for what links itself; may_keep comes first.
  bool may_keep(const retirable_base& one) noexcept;
  void release(retirable_base& one) noexcept;

  // What left limbo without being released.
  std::size_t sent_objects = 0;
  std::size_t sent_bytes = 0;
  std::size_t kept_objects = 0;
  std::size_t kept_bytes = 0;

 private:
  held_object& add(const held_set::place& found, std::size_t bytes) noexcept;

  limbo& limbo_;
  const held_set* held_;
  participant* sender_;
};

}  // namespace lull::detail
