// SPDX-License-Identifier: MIT
#pragma once

// The live tasks of a core, for people: what each is called, whether it runs, can run or waits, for
// what, where, and since when. A task is what was spawned, with all that it awaits. For the core's
// own thread (call it through run_on for another core); allocates, and takes about a microsecond
// for each task and each coroutine that can run, in which the core does nothing else: for a status
// page or a shutdown that hangs, not for every request.

#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "../base/clock.hpp"

namespace lull {

namespace detail {
class coroutine_state;
struct task_record;
}  // namespace detail

enum class task_state { running, ready, waiting };

struct task_info {
  std::string_view name;  // as spawned; else the function that was spawned
  task_state state = task_state::waiting;
  nanoseconds age{};  // since it was spawned
  // Each coroutine's latest co_await (or its beginning, before the first), from what was spawned to
  // the innermost; file, line and function.
  std::vector<std::source_location> at;
  std::string_view awaits;  // what the innermost awaits, in a word; empty where that is unknown
};

// In the order of spawning. Throws std::bad_alloc, with nothing changed.
std::vector<task_info> tasks();

// One line: name, state, age, and the way down: "session: waits for sleep, 3.2 s old, at
// serve(lull::tcp_stream) (service.cpp:31) in main() (service.cpp:80)".
std::string describe(const task_info& task);

namespace detail {

// For reports, where nothing may be allocated: the innermost coroutine of a task, and its name.
const coroutine_state& innermost(const task_record& task) noexcept;
std::string_view name_of(const task_record& task) noexcept;

}  // namespace detail
}  // namespace lull
