// SPDX-License-Identifier: MIT
#pragma once

// Participants of which one holds what the others retire, and these leave.

#include <lull/reclaim/retire.hpp>

#include <optional>

#include "holds.hpp"

namespace test {

// `keeper` holds what `leaver` and `other` retire.
struct leaving {
  lull::domain domain;
  std::optional<lull::participant> keeper{domain};
  std::optional<lull::participant> leaver{domain};
  std::optional<lull::participant> other{domain};
  bool gone = false;
  bool other_gone = false;
  tracked* object = new tracked(gone);
  tracked* other_object = new tracked(other_gone);

  // Until what is held is on the lists of held objects.
  void settle() {
    for (int round = 0; round < 4; ++round) {
      if (keeper->is_online()) keeper->quiescent();
      for (std::optional<lull::participant>* one : {&leaver, &other}) {
        if (!*one) continue;
        const playing as_it(**one);
        static_cast<void>((*one)->drive());
      }
    }
  }
};

}  // namespace test
