// SPDX-License-Identifier: MIT
#pragma once

// Bytes on pages of their own. When they are released they are overwritten and the pages protected,
// so that whoever still reads them reads something else, or fails; the mapping stays until the end,
// so that nothing else gets the place.

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/core_context.hpp>

namespace io_test {

// The kernel locks what it does not copy, for ordinary users within their limit: where that is
// smaller, it copies.
inline bool may_lock(std::size_t bytes) {
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  return ::geteuid() == 0 || limit.rlim_cur >= bytes;
}

// First line of a test that sends so much without copying.
inline void need_locked_memory(std::size_t bytes) {
  if (!may_lock(bytes)) SKIP("this user may not lock that much memory, so it is copied");
}

class guarded_bytes {
 public:
  explicit guarded_bytes(std::string_view text) : bytes_(text.size()) {
    memory_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory_ != MAP_FAILED);
    std::memcpy(memory_, text.data(), bytes_);
  }
  ~guarded_bytes() { ::munmap(memory_, bytes_); }
  guarded_bytes(const guarded_bytes&) = delete;
  guarded_bytes& operator=(const guarded_bytes&) = delete;

  std::string_view text() const { return {static_cast<const char*>(memory_), bytes_}; }
  bool released() const { return released_ != 0; }

  // Owns the bytes; to be let go on the core that made it, and once.
  auto owner() {
    const auto release = [this, home = lull::detail::core_context::current()](void*) noexcept {
      std::memset(memory_, 0xdd, bytes_);
      ::mprotect(memory_, bytes_, PROT_NONE);
      ++released_;
      wrong_core_ = wrong_core_ || lull::detail::core_context::current() != home;
    };
    return std::unique_ptr<void, decltype(release)>(memory_, release);
  }
  bool released_well() const { return released_ == 1 && !wrong_core_; }

 private:
  std::size_t bytes_;
  void* memory_;
  int released_ = 0;
  bool wrong_core_ = false;
};

}  // namespace io_test
