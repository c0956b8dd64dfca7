// SPDX-License-Identifier: MIT
// expect: rcu_retire was called on a thread whose participant belongs to another domain
#include <lull/reclaim/rcu.hpp>

void program() {
  lull::domain mine;
  lull::domain other;
  lull::participant me(mine);
  lull::rcu_domain rcu(other);
  lull::rcu_retire(new int, rcu);
}
