// SPDX-License-Identifier: MIT
#pragma once

// What is known of a file: length, kind, owner, times. A value, for any thread.

#include <sys/stat.h>

#include <chrono>
#include <cstdint>

namespace lull::fs {

// From 1677 to 2262; what a file system keeps from outside is the nearest of them.
using file_time = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

struct file_status {
  std::uint64_t bytes = 0;            // its length
  std::uint64_t allocated_bytes = 0;  // what it takes on the device
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  std::uint32_t mode = 0;  // kind and rights, as st_mode
  std::uint32_t links = 0;
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::uint32_t block_bytes = 0;  // a good length for reads and writes
  file_time accessed{};
  file_time modified{};
  file_time changed{};  // mode, owner, links or content
  file_time created{};  // 1970 where the file system does not keep it

  bool is_regular() const noexcept { return S_ISREG(mode); }
  bool is_directory() const noexcept { return S_ISDIR(mode); }
  bool is_symlink() const noexcept { return S_ISLNK(mode); }
};

}  // namespace lull::fs
