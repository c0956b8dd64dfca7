// SPDX-License-Identifier: MIT
// What a suspended task takes of the heap: a hundred thousand of them are suspended, and what
// malloc has given out meanwhile is divided by that. Counted, not timed.

#include "finding.hpp"
#include "sched_rows.hpp"

namespace lull::bench {
namespace {

using bytes_of = std::size_t (*)(std::size_t count);

void print_row(const char* name, bytes_of scheduler::* counted) {
  constexpr std::size_t tasks = 100'000;
  finding row{.name = name, .unit = "bytes"};
  for (const scheduler& one : all_schedulers()) {
    const bytes_of count = one.*counted;
    if (count == nullptr) continue;
    const double each = static_cast<double>(count(tasks)) / static_cast<double>(tasks);
    if (row.own.empty()) {
      row.own.push_back(each);
    } else {
      row.peers.push_back({.name = one.name, .values = {each}, .ratios = {row.own[0] / each}});
    }
  }
  print(row);
}

}  // namespace

void print_memory_rows() {
  print_row("bytes_per_task", &scheduler::suspended_bytes);
  print_row("bytes_per_awaited_task", &scheduler::awaiting_bytes);
}

}  // namespace lull::bench
