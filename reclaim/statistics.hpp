// SPDX-License-Identifier: MIT
#pragma once

// What a domain and a participant count. Each participant writes its own counters with relaxed
// stores, when it closes a batch and when it has released, never per retire; any thread may read
// them at any time. Numbers read together may be a few events apart.

#include <cstddef>
#include <cstdint>

namespace lull {

struct domain_statistics {
  std::uint64_t epoch = 0;       // the counter
  std::uint64_t complete = 0;    // the last epoch that everybody announced or was offline for
  std::size_t participants = 0;  // joined now
  std::size_t slots = 0;         // made so far: the most that were ever joined at once
  std::size_t orphans = 0;       // limbos of participants that left, not yet adopted
};

struct participant_statistics {
  std::uint64_t retired = 0;             // objects, as of the last quiescent state
  std::uint64_t released = 0;            // objects, adopted ones included
  std::uint64_t adopted = 0;             // objects taken over from participants that left
  std::uint64_t limbo_objects = 0;       // waiting now: retired + adopted - released
  std::uint64_t limbo_bytes = 0;         // and their bytes
  std::uint64_t limbo_objects_high = 0;  // the most that ever waited
  std::uint64_t limbo_bytes_high = 0;
  std::uint64_t epochs = 0;    // announced by this participant
  std::uint64_t advances = 0;  // moved by this participant
};

}  // namespace lull
