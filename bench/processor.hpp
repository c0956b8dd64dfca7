// SPDX-License-Identifier: MIT
#pragma once
// Which processor a thread of a benchmark is on, and whether it had it to itself.

#include <sched.h>
#include <sys/resource.h>

#include <cstring>
#include <optional>

namespace lull::bench {

inline int own_cpu() { return sched_getcpu(); }

inline void pin_to(int cpu) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(cpu, &only);
  sched_setaffinity(0, sizeof only, &only);
}

// Where the reader can be, beside this thread. The caller may have pinned the program to one CPU.
inline std::optional<int> another_cpu(int own) {
  cpu_set_t allowed;
  std::memset(&allowed, 0xff, sizeof allowed);
  sched_setaffinity(0, sizeof allowed, &allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (cpu != own && CPU_ISSET(cpu, &allowed)) return cpu;
  }
  return std::nullopt;
}

// How often this thread had to give its CPU away.
inline long preemptions() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return used.ru_nivcsw;
}

}  // namespace lull::bench
