// SPDX-License-Identifier: MIT
#include "tasks.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>

#include "core_context.hpp"
#include "scope.hpp"

namespace lull {
namespace {

// The coroutines that can run, by address: found once, for a look at the queue for each task would
// cost the square of what is ready.
class ready_coroutines {
 public:
  explicit ready_coroutines(const detail::core_context& here) {
    here.ready.for_each([this](const detail::ready_node& node) { all_.push_back(node.state); });
    std::sort(all_.begin(), all_.end(), std::less<>());
  }
  bool contain(const detail::coroutine_state& one) const noexcept {
    return std::binary_search(all_.begin(), all_.end(), &one, std::less<>());
  }

 private:
  std::vector<const detail::coroutine_state*> all_;
};

const char* state_text(task_state state) noexcept {
  switch (state) {
    case task_state::running:
      return "runs";
    case task_state::ready:
      return "can run";
    case task_state::waiting:
      break;
  }
  return "waits";
}

std::string duration_text(nanoseconds duration) {
  char text[32];
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds >= 1) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  } else {
    std::snprintf(text, sizeof text, "%.3f ms", seconds * 1e3);
  }
  return text;
}

}  // namespace

namespace detail {

// What lists begin with; of a frame that only keeps a callable, what it awaits.
const coroutine_state& outermost(const task_record& task) noexcept {
  const coroutine_state& first = *task.first.state;
  return task.hides_first() && first.awaited() != nullptr ? *first.awaited() : first;
}

const coroutine_state& innermost(const task_record& task) noexcept {
  const coroutine_state* one = task.first.state;
  while (one->awaited() != nullptr) one = one->awaited();
  return *one;
}

std::string_view name_of(const task_record& task) noexcept {
  return task.name != nullptr ? task.name : outermost(task).at().function_name();
}

}  // namespace detail

std::vector<task_info> tasks() {
  detail::core_context& here = detail::this_context("tasks()");
  const ready_coroutines ready(here);
  std::vector<task_info> all;
  here.tasks.for_each([&](const detail::task_record& one) {
    task_info info;
    info.name = detail::name_of(one);
    info.age = here.now - one.born();
    const detail::coroutine_state* at = &detail::outermost(one);
    for (; at->awaited() != nullptr; at = at->awaited()) info.at.push_back(at->at());
    info.at.push_back(at->at());
    if (participant::current()->running == &one) {
      info.state = task_state::running;
    } else if (ready.contain(*at)) {
      info.state = task_state::ready;
    }
    if (at->awaits() != nullptr) info.awaits = at->awaits();
    all.push_back(std::move(info));
  });
  return all;
}

std::string describe(const task_info& task) {
  std::string text(task.name);
  text += ": ";
  text += state_text(task.state);
  if (task.state == task_state::waiting && !task.awaits.empty()) {
    text += " for ";
    text += task.awaits;
  }
  text += ", " + duration_text(task.age) + " old";
  const char* between = ", at ";
  for (auto one = task.at.rbegin(); one != task.at.rend(); ++one) {
    text += between;
    text += one->function_name();
    text += " (";
    text += one->file_name();
    text += ":" + std::to_string(one->line()) + ")";
    between = " in ";
  }
  return text;
}

}  // namespace lull
