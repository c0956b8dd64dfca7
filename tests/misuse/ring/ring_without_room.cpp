// SPDX-License-Identifier: MIT
// expect: a ring was asked for with 8 submissions and 4 completions
#include <lull/ring/ring.hpp>

void program() { lull::ring ring({.submissions = 8, .completions = 4}); }
