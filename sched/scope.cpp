// SPDX-License-Identifier: MIT
#include "scope.hpp"

#include <exception>
#include <source_location>
#include <string>
#include <string_view>

#include "tasks.hpp"

namespace lull {

std::coroutine_handle<> detail::task_promise<void>::leave_scope() noexcept {
  task_record* const record = this->record();
  scope& owner = *record->owner;
  std::exception_ptr error = std::move(error_);
  record->unlink();  // what it owns may look at the list, and is not in it any more
  participant::current()->running = nullptr;
  std::atomic_signal_fence(std::memory_order_release);  // a stall probe may look at it, until here
  std::coroutine_handle<task_promise>::from_promise(*this).destroy();
  record->~task_record();
  deallocate_frame(record, sizeof(task_record));
  owner.ended(std::move(error));
  return std::noop_coroutine();
}

namespace {

unsigned group_for(const detail::core_context& here, const task_options& options) noexcept {
  if (!options.group) {
    const auto* const parent =
        static_cast<const detail::task_record*>(participant::current()->running);
    return parent == nullptr ? 0 : parent->group();
  }
  LULL_ASSERT(*options.group < here.ready.groups(),
              "a task is spawned into group %u, and this core has %zu: name it in "
              "core_options::groups",
              *options.group, here.ready.groups());
  return *options.group;
}

}  // namespace

void scope::elsewhere(const detail::core_context* here, const char* done) const noexcept {
  detail::stop(__FILE__, __LINE__,
               "a scope whose tasks run on core %u was %s on %s; go to that core with run_on",
               home_->index, done,
               here == nullptr ? "a thread that is no core"
                               : ("core " + std::to_string(here->index)).c_str());
}

void scope::left_running() const noexcept {
  const char* const remedy =
      std::uncaught_exceptions() == 0
          ? "co_await its join() first"
          : "an exception leaves its block: catch it and look at it, and use with_scope, which "
            "stops the others and waits for them";
  const detail::task_record* oldest = nullptr;
  if (home_->is_current()) {
    home_->tasks.for_each([&](const detail::task_record& one) {
      if (oldest == nullptr && one.owner == this) oldest = &one;
    });
  }
  if (oldest == nullptr) {  // it is destroyed elsewhere, or by its last task
    detail::stop(__FILE__, __LINE__, "a scope was destroyed with %zu tasks running on core %u; %s",
                 running_, home_->index, remedy);
  }
  const std::string_view name = detail::name_of(*oldest);
  const std::source_location& at = detail::innermost(*oldest).at();
  detail::stop(
      __FILE__, __LINE__,
      "a scope was destroyed with %zu tasks running, the oldest \"%.*s\", now at %s:%u; %s",
      running_, static_cast<int>(name.size()), name.data(), at.file_name(),
      static_cast<unsigned>(at.line()), remedy);
}

void scope::start(task<> coroutine, task_options options, detail::start_as how) {
  detail::core_context& here = detail::this_context("scope::spawn");
  if (running_ == 0) home_ = &here;
  check_home(&here, "spawned into");
  auto& record = *new (here.frames.allocate(sizeof(detail::task_record))) detail::task_record;
  const auto child = std::exchange(coroutine.coroutine_, nullptr);
  record.owner = this;
  record.name = options.name;
  record.is_spawned(here.now, group_for(here, options), how.hidden);
  here.tasks.push_back(record);
  child.promise().start(record, how.shielded ? nullptr : &stop_);
  record.first.starts(child, child.promise());
  ++running_;
  ++started_;
  here.ready.push(record.first);
}

void scope::note_error(std::exception_ptr error) noexcept {
  if (cancel_on_error_) request_stop();
  if (on_error_ != nullptr) {
    on_error_(on_error_state_, std::move(error));
  } else if (!first_error_) {
    first_error_ = std::move(error);
  }
}

void scope::ended(std::exception_ptr error) noexcept {
  if (error) note_error(std::move(error));
  if (--running_ == 0 && joiner_ != nullptr) joiner_->resume();
}

detail::scope_awaiter::scope_awaiter(scope& waited, nanoseconds limit, bool limited) noexcept
    : stop_link(waited.stop_),
      timer_node(&scope_awaiter::timed_out),
      scope_(waited),
      limit_(limit),
      limited_(limited) {}

bool detail::scope_awaiter::await_ready() const noexcept { return scope_.running_ == 0; }

void detail::scope_awaiter::suspend(suspended awaiting) noexcept {
  stop_state* const stop = awaiting.stop();
  const task_record* const task = awaiting.state == nullptr ? nullptr : awaiting.state->record();
  LULL_ASSERT(task == nullptr || task->owner != &scope_,
              "a task joins the scope it runs in, and would wait for itself");
  LULL_ASSERT(scope_.joiner_ == nullptr, "a scope is joined by two coroutines at a time");
  scope_.joiner_ = this;
  waiter_.is_for(awaiting, "the end of a scope");
  auto& here = this_context("scope::join");
  scope_.check_home(&here, "joined");
  if (limited_) here.timers.arm(*this, later(here.now, limit_));
  if (stop != nullptr && stop->requested()) {
    scope_.request_stop();
  } else {
    link(stop);
  }
}

void detail::scope_awaiter::resume() noexcept {
  scope_.joiner_ = nullptr;
  unlink();
  auto& here = this_context("scope::join");
  here.timers.cancel(*this);
  here.ready.push(waiter_);
}

void detail::scope_awaiter::timed_out(timer_node& timer) noexcept {
  static_cast<scope_awaiter&>(timer).resume();
}

bool detail::scope_awaiter::finish() {
  if (scope_.running_ != 0) return false;
  if (scope_.first_error_) {
    std::rethrow_exception(std::exchange(scope_.first_error_, nullptr));
  }
  return true;
}

}  // namespace lull
