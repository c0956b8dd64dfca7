// SPDX-License-Identifier: MIT
#pragma once

// co_await fs::read_file(path): the whole content of a file, of /proc and pipes too. Opens, asks
// for the length, reads to the end. Any core; suspends; ends when its scope is asked to stop.
// Allocates the content, the path and the file's state. Whoever writes the file meanwhile may be
// seen in part, unless by write_file or another rename.

#include <cstddef>
#include <string>

#include "../sched/task.hpp"
#include "limits.hpp"
#include "path_text.hpp"
#include "result.hpp"

namespace lull::fs {

// Bytes are bytes: the string may hold any. Fails with EFBIG beyond `at_most` bytes, or with what
// opening and reading fail with. Throws std::bad_alloc.
task<result<std::string>> read_file(path_text path, std::size_t at_most = limits::read_file_bytes);

}  // namespace lull::fs
