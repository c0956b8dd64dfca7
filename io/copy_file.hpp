// SPDX-License-Identifier: MIT
#pragma once

// co_await fs::copy_file(from, to): makes a new file with the content of another. Reads and writes
// in turn, 256 KiB at a time. Any core; suspends. Does not sync.
//
// When it fails or is stopped, there is no new file: what had been written of it is removed.
// Whoever looks meanwhile sees a part; write_file and rename make a whole file appear at once.

#include <cstdint>

#include "../sched/task.hpp"
#include "path_text.hpp"
#include "result.hpp"

namespace lull::fs {

// Gives how many bytes. The new file is of this user, with the rights of the old one less the
// umask; times and other attributes are its own. Symbolic links are followed. EEXIST: there is a
// file already, which is left alone; ENOENT, EACCES, EISDIR, ENOSPC. The failure names both files.
// Throws std::bad_alloc.
task<result<std::uint64_t>> copy_file(path_text from, path_text to);

}  // namespace lull::fs
