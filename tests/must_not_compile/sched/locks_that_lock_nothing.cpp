// SPDX-License-Identifier: MIT
// expect: private
#include <lull/lull.hpp>

void locks_nothing(lull::mutex& one, lull::shared_mutex& other) {
  lull::mutex_lock held(&one);     // refused
  lull::write_lock write(&other);  // refused
  lull::read_lock read(&other);    // refused
}
