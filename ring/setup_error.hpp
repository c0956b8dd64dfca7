// SPDX-License-Identifier: MIT
#pragma once

// Says in a sentence why no ring could be made, and what mends it. Used once, at start; any thread.

#include <system_error>

namespace lull {

// From the negative errno that the set-up call gave. Reads sysctl files and limits to tell causes
// with the same errno apart. `submission_thread`: one was asked for, and may be the reason.
std::system_error setup_error(int negative_errno, bool submission_thread = false);

// The same of a ring that could be made and not be restricted (ring_options::restricted).
std::system_error restriction_error(int negative_errno);

}  // namespace lull
