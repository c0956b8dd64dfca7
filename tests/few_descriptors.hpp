// SPDX-License-Identifier: MIT
#pragma once

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace test {

// As long as one lives, this process opens no descriptor of that number or above; those it has
// stay.
class few_descriptors {
 public:
  explicit few_descriptors(rlim_t below) {
    // UBSan needs descriptors for its first look at the type that failures get their texts from.
    static_cast<void>(std::generic_category().message(0));
    if (::getrlimit(RLIMIT_NOFILE, &before_) != 0) fail();
    set({below, before_.rlim_max});
  }
  ~few_descriptors() { set(before_); }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;

 private:
  static void set(const rlimit& limit) {
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) fail();
  }
  static void fail() {
    std::perror("setting the limit of open files");
    std::abort();
  }

  rlimit before_{};
};

}  // namespace test
