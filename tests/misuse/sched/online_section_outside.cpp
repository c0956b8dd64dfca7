// SPDX-License-Identifier: MIT
// expect: an online_section was opened on a thread without a participant
#include <lull/sched/online_section.hpp>

void program() { const lull::online_section reading; }
