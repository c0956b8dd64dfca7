// SPDX-License-Identifier: MIT
// expect: a participant is destroyed inside a deleter that it runs
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

void program() {
  lull::domain domain;
  auto* me = new lull::participant(domain);
  me->retire(std::unique_ptr<lull::participant>(me));
  static_cast<void>(me->drive());
}
