// SPDX-License-Identifier: MIT
#include "receive_multishot.hpp"

#include <cerrno>

namespace lull::detail {

bool news_of_stream::begin(const suspended& awaiting) {
  stream_.check_core("receive");
  if (!stream_.open()) {
    refused_ = EBADF;
    return false;
  }
  if (awaiting.stop_requested()) {
    refused_ = ECANCELED;
    return false;
  }
  stream_.use_pieces();
  if (stream_.has_news()) return false;
  waited_ = true;
  suspend(awaiting, "receive");
  stream_.enter();
  stream_.wait(*this);
  return true;
}

void news_of_stream::stopped(stop_hook& hook) noexcept {
  auto& self = static_cast<news_of_stream&>(hook);
  self.refused_ = ECANCELED;
  self.stream_.stop_waiting();
  self.resume();
}

}  // namespace lull::detail
