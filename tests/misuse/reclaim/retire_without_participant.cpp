// SPDX-License-Identifier: MIT
// expect: retire was called on a thread without a participant
#include <lull/reclaim/retire.hpp>

void program() { lull::retire(new int); }
