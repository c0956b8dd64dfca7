// SPDX-License-Identifier: MIT
#include "fibers.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <csetjmp>
#include <cstdlib>
#include <utility>

#include <lull/base/assert.hpp>
#include <lull/sched/frame_pool.hpp>  // says whether AddressSanitizer is there

#ifdef LULL_ADDRESS_SANITIZER
#include <sanitizer/common_interface_defs.h>
#endif

namespace simulation {
namespace {

constexpr std::size_t stack_bytes = 1 << 20;

fibers* driven = nullptr;

// Stacks are used again: there is one simulation after the other.
std::vector<void*>& spare_stacks() {
  static std::vector<void*> spare;
  return spare;
}

void* take_stack() {
  if (!spare_stacks().empty()) {
    void* const taken = spare_stacks().back();
    spare_stacks().pop_back();
    return taken;
  }
  void* const made =
      ::mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  LULL_ASSERT(made != MAP_FAILED, "no memory for a stack of %zu bytes", stack_bytes);
  return made;
}

}  // namespace

struct fibers::stack {
  ucontext_t registers{};  // to begin with
  bool begun = true;
  std::jmp_buf place{};    // where it goes on
  void* memory = nullptr;  // null: the driver's, which the system made
  std::function<void()> body;
  bool ended = false;
  // For AddressSanitizer: where the stack lies, and what it keeps beside it.
  const void* bottom = nullptr;
  std::size_t bytes = 0;
  void* beside = nullptr;
};

fibers::fibers() : driver_(std::make_unique<stack>()) {
  LULL_ASSERT(driven == nullptr, "one set of fibers at a time");
  driven = this;
}

fibers::~fibers() {
  for (auto& one : all_) spare_stacks().push_back(one->memory);
  driven = nullptr;
}

void fibers::add(std::function<void()> body) {
  auto one = std::make_unique<stack>();
  one->memory = take_stack();
  one->body = std::move(body);
  one->begun = false;
  one->bottom = one->memory;
  one->bytes = stack_bytes;
  ::getcontext(&one->registers);
  one->registers.uc_stack.ss_sp = one->memory;
  one->registers.uc_stack.ss_size = stack_bytes;
  one->registers.uc_link = nullptr;
  ::makecontext(&one->registers, &fibers::begin, 0);
  all_.push_back(std::move(one));
}

bool fibers::ended(std::size_t index) const noexcept { return all_[index]->ended; }

void fibers::begin() {
  fibers& here = *driven;
  stack& mine = *here.all_[here.running_];
#ifdef LULL_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(nullptr, &here.driver_->bottom, &here.driver_->bytes);
#endif
  mine.body();
  mine.ended = true;
  here.change(mine, *here.driver_, true);
  std::abort();  // nobody resumes what has ended
}

void fibers::change(stack& from, stack& to, [[maybe_unused]] bool for_good) {
#ifdef LULL_ADDRESS_SANITIZER
  __sanitizer_start_switch_fiber(for_good ? nullptr : &from.beside, to.bottom, to.bytes);
#endif
  // Not swapcontext, which is two system calls to keep the signal mask.
  if (_setjmp(from.place) == 0) {
    if (to.begun) _longjmp(to.place, 1);
    to.begun = true;
    ::setcontext(&to.registers);
  }
#ifdef LULL_ADDRESS_SANITIZER
  __sanitizer_finish_switch_fiber(from.beside, nullptr, nullptr);
#endif
}

void fibers::resume(std::size_t index) {
  LULL_ASSERT(!inside() && !ended(index), "fiber %zu cannot be resumed now", index);
  running_ = index;
  change(*driver_, *all_[index], false);
  running_ = none;
}

void fibers::pause() {
  LULL_ASSERT(inside(), "only a fiber can pause");
  change(*all_[running_], *driver_, false);
}

}  // namespace simulation
