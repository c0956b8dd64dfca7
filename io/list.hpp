// SPDX-License-Identifier: MIT
#pragma once

// co_await fs::list(path): the entries of a folder, without "." and "..", in the order of the file
// system. The ring has no such operation, so a thread of the runtime's offload pool reads it: for
// tasks of lull::run. Suspends. A stop ends the wait; a thread that reads already goes on by
// itself.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../sched/task.hpp"
#include "limits.hpp"
#include "path_text.hpp"
#include "result.hpp"

namespace lull::fs {

// As the folder knows it; some file systems do not, and lstat does.
enum class file_kind : std::uint8_t { unknown, regular, directory, symlink, other };

struct directory_entry {
  std::string name;
  file_kind kind = file_kind::unknown;
};

// ENOENT, ENOTDIR, EACCES; EOVERFLOW beyond `at_most` entries. Throws std::bad_alloc.
task<result<std::vector<directory_entry>>> list(path_text path,
                                                std::size_t at_most = limits::directory_entries);

}  // namespace lull::fs
