// SPDX-License-Identifier: MIT
// expect: a successful result was asked why it failed
#include <lull/io/result.hpp>

void program() {
  const lull::result<int> good = 5;
  static_cast<void>(good.why());
}
