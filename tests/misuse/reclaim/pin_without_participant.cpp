// SPDX-License-Identifier: MIT
// expect: pin was called on a thread without a participant
#include <lull/reclaim/pin.hpp>

void program() { const lull::pin pinned; }
