// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

namespace test {

// No file of this process grows beyond so many bytes while it lives. A thread that tries is sent
// SIGXFSZ.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~file_size_limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace test
