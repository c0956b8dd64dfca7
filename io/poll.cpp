// SPDX-License-Identifier: MIT
#include "poll.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>

namespace lull::detail {

poll_filter::~poll_filter() {
  if (is_open()) ::close(number_);
}

int poll_filter::open(int descriptor, readiness events) noexcept {
  number_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (number_ < 0) return errno;
  epoll_event wanted{.events = static_cast<std::uint32_t>(events), .data = {}};
  return ::epoll_ctl(number_, EPOLL_CTL_ADD, descriptor, &wanted) == 0 ? 0 : errno;
}

readiness poll_filter::take() const noexcept {
  epoll_event come{};
  return ::epoll_wait(number_, &come, 1, 0) == 1 ? static_cast<readiness>(come.events)
                                                 : readiness::none;
}

}  // namespace lull::detail
