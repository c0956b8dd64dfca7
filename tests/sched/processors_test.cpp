// SPDX-License-Identifier: MIT
#include <lull/sched/processors.hpp>

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <thread>

#include <catch2/catch_test_macros.hpp>

namespace {

// A machine of 4,096 processors, as long as one lives, for the thread that made it: it may run on 3
// and 2,000.
struct large_machine {
  static constexpr std::size_t bytes = 4'096 / 8;
  static thread_local large_machine* current;

  large_machine() { current = this; }
  ~large_machine() { current = nullptr; }
  large_machine(const large_machine&) = delete;
  large_machine& operator=(const large_machine&) = delete;

  std::vector<unsigned> asked_for;
};
thread_local large_machine* large_machine::current = nullptr;

}  // namespace

// In place of the C library's, in this program.
extern "C" {

int sched_getaffinity(pid_t thread, std::size_t bytes, cpu_set_t* set) noexcept {
  if (large_machine::current == nullptr) {
    const long written = ::syscall(SYS_sched_getaffinity, thread, bytes, set);
    return written < 0 ? -1 : 0;
  }
  if (bytes < large_machine::bytes) {
    errno = EINVAL;
    return -1;
  }
  CPU_SET_S(3, bytes, set);
  CPU_SET_S(2'000, bytes, set);
  return 0;
}

int pthread_setaffinity_np(pthread_t, std::size_t bytes, const cpu_set_t* set) noexcept {
  if (large_machine::current == nullptr) {
    return ::syscall(SYS_sched_setaffinity, 0, bytes, set) < 0 ? errno : 0;
  }
  for (unsigned i = 0; i < 8 * bytes; ++i) {
    if (CPU_ISSET_S(i, bytes, set)) large_machine::current->asked_for.push_back(i);
  }
  return 0;
}

}  // extern "C"

TEST_CASE("a thread stays on the processor it was put on") {
  const auto all = lull::all_cores();
  REQUIRE_FALSE(all.empty());
  std::vector<unsigned> left;
  std::thread([&] {
    lull::detail::run_on_processor(all.back(), 3);
    left = lull::all_cores();
  }).join();
  REQUIRE(left == std::vector<unsigned>{all.back()});
}

TEST_CASE("a processor that is not to be had is named") {
  std::string what;
  std::thread([&] {
    try {
      lull::detail::run_on_processor(1'000'000, 2);
    } catch (const std::system_error& error) {
      what = error.what();
    }
  }).join();
  REQUIRE(what.find("core 2 cannot run on processor 1000000") != std::string::npos);
}

TEST_CASE("on a machine of more than 1,024 processors there was only processor 0") {
  large_machine here;
  const std::vector<unsigned> all = lull::all_cores();
  REQUIRE(all == std::vector<unsigned>{3, 2'000});
  char name[16] = "";
  ::pthread_getname_np(::pthread_self(), name, sizeof name);
  lull::detail::run_on_processor(2'000, 1);
  lull::detail::run_on_processors(all, name);
  REQUIRE(here.asked_for == std::vector<unsigned>{2'000, 3, 2'000});
}
