// SPDX-License-Identifier: MIT
#pragma once

// co_await fs::write_file(path, bytes): makes a file of that content, or replaces one, at one
// stroke: whoever reads it, and whoever looks after a crash, finds the old content or the new,
// whole. Writes a temporary file in the same folder (".lull-" and 16 hexadecimal digits), syncs it,
// renames it, syncs the folder: two waits for the device, so it is for what is to last, not for a
// log. Any core; suspends. The bytes stay in place while it is awaited.
//
// When it fails or is stopped, the old content is there and the temporary file is gone. A stop that
// comes once the renaming has begun is too late, and the success is given. One failure comes after
// it: if the folder cannot be synced, the new content is in place, and may be lost in a crash.
// Only a crash in the middle leaves the temporary file.

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "../sched/task.hpp"
#include "path_text.hpp"
#include "result.hpp"

namespace lull::fs {

// The file is a new one: of this user, with the rights `mode` less the umask, even if the old one
// had others; a symbolic link, a device or a socket of that name is replaced, not followed. The
// failure names the step. Throws std::bad_alloc, with nothing left behind either.
task<result<void>> write_file(path_text path, std::span<const std::byte> bytes, mode_t mode = 0666);
inline task<result<void>> write_file(path_text path, std::string_view text, mode_t mode = 0666) {
  return write_file(std::move(path), std::as_bytes(std::span(text.data(), text.size())), mode);
}

}  // namespace lull::fs
