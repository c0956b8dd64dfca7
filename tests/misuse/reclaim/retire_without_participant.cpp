// SPDX-License-Identifier: MIT
// expect: retire was called on a thread without a participant
#include <lull/reclaim/retire.hpp>

int main() { lull::retire(new int); }
