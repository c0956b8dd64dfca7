// SPDX-License-Identifier: MIT
#pragma once

// How many descriptors this process has open: what is left behind is seen by the difference.

#include <dirent.h>

#include <cstddef>

namespace test {

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (::readdir(folder) != nullptr) ++count;
  ::closedir(folder);
  return count;
}

}  // namespace test
