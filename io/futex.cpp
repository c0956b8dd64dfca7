// SPDX-License-Identifier: MIT
#include "futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "../ring/ring.hpp"

namespace lull::detail {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t) &&
              std::atomic<std::uint32_t>::is_always_lock_free);

template <class Derived>
bool futex_operation<Derived>::await_suspend(suspended awaiting) {
  core_context& home = this_context(Derived::name);
  ++io_core::of(home).statistics.futexes;
  by_ring_ = home.ring->has().futex;
  if (by_ring_) return operation<Derived>::await_suspend(awaiting);
  without_ring_ = static_cast<Derived*>(this)->do_without();
  return false;
}

template class futex_operation<wait_for_futex>;
template class futex_operation<wake_futex>;

std::int32_t wait_for_futex::do_without() const noexcept { return -EOPNOTSUPP; }

result<bool> wait_for_futex::await_resume() const noexcept {
  const std::int32_t code = end();
  if (code == -EAGAIN) return false;
  if (code < 0) return failed(-code);
  return true;
}

std::int32_t wake_futex::do_without() const noexcept {
  if (number() == 0) return 0;  // the system call would wake one
  const long woken = ::syscall(SYS_futex, word(),
                               shared() ? FUTEX_WAKE : FUTEX_WAKE | FUTEX_PRIVATE_FLAG, number());
  return woken < 0 ? -errno : static_cast<std::int32_t>(woken);
}

result<std::uint32_t> wake_futex::await_resume() const noexcept {
  const std::int32_t woken = end();
  if (woken < 0) return failed(-woken);
  return static_cast<std::uint32_t>(woken);
}

}  // namespace lull::detail
