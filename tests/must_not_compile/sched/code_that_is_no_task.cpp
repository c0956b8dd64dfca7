// SPDX-License-Identifier: MIT
// expect: with_scope takes a callable that is called with a lull::scope& and gives a
#include <lull/sched/with_scope.hpp>

int plain(lull::scope& all);
lull::task<> knows_no_scope();

void gives_a_number() {
  lull::with_scope(plain);
  lull::with_scope(knows_no_scope);
}
