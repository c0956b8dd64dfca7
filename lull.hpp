// SPDX-License-Identifier: MIT
#pragma once

// The whole of lull in one include: every public header and nothing else. Each of them can be
// included by itself as well; <lull/reclaim/domain.hpp> and the tables need only liblull-reclaim.

#if __cplusplus < 202002L
#error "lull is written in C++20: compile with -std=c++20 or a later standard"
#endif
