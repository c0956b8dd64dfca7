// SPDX-License-Identifier: MIT
#include "receive_multishot.hpp"

#include <cerrno>

namespace lull::detail {

bool news_of_socket::begin(suspended awaiting) {
  socket_.check_core("receive");
  if (!socket_.open()) {
    refused_ = EBADF;
    return false;
  }
  if (awaiting.stop_requested()) return begin_stopped(awaiting);
  if (!socket_.by_pieces()) return begin_first(awaiting);
  if (socket_.has_news()) return false;
  waited_ = true;
  suspend_unasked(awaiting, "receive");
  socket_.enter();
  socket_.wait(*this);
  return true;
}

bool news_of_socket::begin_first(suspended awaiting) {
  socket_.use_pieces();
  return begin(awaiting);
}

bool news_of_socket::begin_stopped(suspended awaiting) noexcept {
  refused_ = ECANCELED;
  waited_ = refuse(awaiting, "receive");
  if (waited_) socket_.enter();
  return waited_;
}

void news_of_socket::stopped(stop_hook& hook) noexcept {
  auto& self = static_cast<news_of_socket&>(hook);
  self.refused_ = ECANCELED;
  self.socket_.stop_waiting();
  self.resume();
}

}  // namespace lull::detail
