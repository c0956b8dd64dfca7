// SPDX-License-Identifier: MIT
#include "foreign_descriptor.hpp"

#include <utility>

#include "../base/assert.hpp"

namespace lull {

foreign_descriptor::~foreign_descriptor() {
  LULL_ASSERT(polls_.empty() && releasing_ == nullptr,
              "a foreign_descriptor (%d) was dropped while it was polled; await release() before",
              number_);
}

void foreign_descriptor::check_core(const char* what) noexcept {
  detail::core_context& here = detail::this_context(what);
  if (home_ == nullptr) home_ = &here;
  LULL_ASSERT(home_ == &here,
              "%s was called on a foreign_descriptor of core %u from core %u; one is used and "
              "dropped on the core that first polled it: go there with run_on",
              what, home_->index, here.index);
}

void foreign_descriptor::begin_release() noexcept {
  check_core("release");
  released_ = true;
  polls_.for_each([](detail::poll_foreign& one) { one.end(); });
}

void foreign_descriptor::resumed() noexcept {
  if (!polls_.empty() || releasing_ == nullptr) return;
  home_->ready.push(*std::exchange(releasing_, nullptr));
}

namespace detail {

poll_foreign::poll_foreign(foreign_descriptor& of, readiness events) noexcept
    : poll_operation(of.number(), events), of_(of) {}

bool poll_foreign::await_suspend(suspended awaiting) {
  of_.check_core(name);
  refused_ = of_.released_;
  if (refused_) return false;
  const bool waits = poll_operation::await_suspend(awaiting);
  if (waits) of_.polls_.push_back(*this);
  return waits;
}

result<readiness> poll_foreign::await_resume() noexcept {
  if (refused_) return failed(EBADF);
  if (list_node::is_linked()) {
    list_node::unlink();
    of_.resumed();
  }
  return ready();
}

bool release_foreign::await_ready() const noexcept {
  of_.begin_release();
  return of_.polls_.empty();
}

void release_foreign::await_suspend(suspended awaiting) noexcept {
  LULL_ASSERT(of_.releasing_ == nullptr,
              "a foreign_descriptor (%d) is being released by two coroutines at a time; let one do "
              "it",
              of_.number());
  waiter_.is_for(awaiting, "release");
  of_.releasing_ = &waiter_;
}

}  // namespace detail
}  // namespace lull
