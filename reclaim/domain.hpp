// SPDX-License-Identifier: MIT
#pragma once

// A reclamation domain: the epoch that its participants share. Threads that read and write the same
// lock-free structures join the same domain; several domains do not know of each other. Any thread
// may make one and read its statistics. It must outlive its participants, and has released
// everything when it is destroyed. It starts no thread and costs three cache lines and one more for
// each participant. It is not the place to retire: see participant.hpp.

#include "epoch.hpp"
#include "orphans.hpp"
#include "statistics.hpp"

namespace lull {

namespace detail {
class limbo;
}

class domain {
 public:
  domain() = default;

  // Stops the program when a participant is still joined.
  ~domain();

  domain(const domain&) = delete;
  domain& operator=(const domain&) = delete;

  // A snapshot; walks over the slots.
  domain_statistics statistics() const noexcept;

 private:
  friend class participant;

  detail::epoch_state epochs_;
  alignas(cache_line) detail::orphan_stack<detail::limbo> orphans_;
};

}  // namespace lull
