// SPDX-License-Identifier: MIT
#pragma once

#include <pthread.h>

#include <cstddef>

namespace test {

// As long as one lives, no thread can be started: each would have a stack larger than memory.
class no_new_threads {
 public:
  no_new_threads() {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_getstacksize(&attributes, &before_);
    ::pthread_attr_destroy(&attributes);
    set(std::size_t{1} << 50);
  }
  ~no_new_threads() { set(before_); }
  no_new_threads(const no_new_threads&) = delete;
  no_new_threads& operator=(const no_new_threads&) = delete;

 private:
  static void set(std::size_t bytes) {
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, bytes);
    ::pthread_setattr_default_np(&attributes);
    ::pthread_attr_destroy(&attributes);
  }

  std::size_t before_ = 0;
};

}  // namespace test
