// SPDX-License-Identifier: MIT
// expect: a shared_channel needs room for one value at least
#include <lull/lull.hpp>

void program() { lull::shared_channel<int> c(0); }
