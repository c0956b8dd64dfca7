// SPDX-License-Identifier: MIT

// A domain is destroyed by who finds that nobody is joined any more: order(leave_slot). Must hold:
// what the last one did before it left is done, its last release too.

#include "members.hpp"

namespace {

inline void write_object(void* object) noexcept { static_cast<litmus::object*>(object)->write(); }

struct domain_end : litmus::run {
  std::optional<lull::domain> domain{std::in_place};
  std::optional<lull::participant> member{*domain};
  litmus::object last;

  void thread(unsigned index) override {
    if (index == 0) {
      member->retire(&last, sizeof last, write_object);
      member.reset();
    } else if (domain->statistics().participants == 0) {
      domain.reset();
      last.read();
    }
  }
};

const litmus::enlisted<domain_end> listed{"domain_end", 2};

}  // namespace
