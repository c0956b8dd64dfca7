// SPDX-License-Identifier: MIT
#pragma once

// A value that counts how many of its kind are alive, and participants driven by hand.

#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>
#include <utility>

namespace lull::test {

struct tracked {
  static inline int alive = 0;

  explicit tracked(int n = 0) : number(n) { ++alive; }
  tracked(const tracked& other) : number(other.number) { ++alive; }
  tracked& operator=(const tracked&) = default;
  ~tracked() {
    --alive;
    number = -1;
  }

  int number;
};

// A second participant in the test's thread: another core, which reads.
class other_core {
 public:
  explicit other_core(domain& shared) : core_(shared) {}

  // Runs f as the other core.
  template <class F>
  auto run(F f) {
    const switched back{participant::set_current(&core_)};
    return f();
  }
  void quiescent() {
    run([this] { core_.quiescent(); });
  }
  participant& core() { return core_; }

 private:
  struct switched {
    participant* home;
    ~switched() { participant::set_current(home); }
  };

  participant core_;
};

// Announces and releases until nothing is left in limbo or somebody stands in the way.
inline void settle(participant& core) {
  for (int round = 0; round < 100000 && !core.drive(); ++round) {
    if (!core.has_due()) return;
  }
}

}  // namespace lull::test
