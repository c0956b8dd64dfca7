// SPDX-License-Identifier: MIT
#include "event_descriptor.hpp"

#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "../ring/kernel.hpp"
#include "descriptor.hpp"

namespace lull {

result<std::uint64_t> detail::read_count::await_resume() noexcept {
  const std::int32_t code = end();
  if (code < 0) return failed(-code);
  return value_;
}

result<event_descriptor> event_descriptor::make(unsigned value, reads how) {
  detail::io_core& here = detail::io_core::of(detail::this_context("event_descriptor::make()"));
  const int flags = how == reads::one ? EFD_CLOEXEC | EFD_SEMAPHORE : EFD_CLOEXEC;
  lull::descriptor owned(static_cast<int>(::syscall(SYS_eventfd2, value, flags)));
  if (!owned) return failure(errno, "make", failure::thing::event);
  event_descriptor made(new detail::file_state(here, failure::thing::event, owned.get()));
  static_cast<void>(owned.release());
  return made;
}

void event_descriptor::add_one() const noexcept {
  real_kernel().signal_event(state().descriptor());
}

}  // namespace lull
