// SPDX-License-Identifier: MIT
// expect: a channel needs room for one value at least
#include <lull/lull.hpp>

void program() { lull::channel<int> c(0); }
