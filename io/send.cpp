// SPDX-License-Identifier: MIT
#include "send.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "limits.hpp"

namespace lull::detail {

void send_some::prepare(submission entry) noexcept {
  entry.send(socket().descriptor(), from_.data(), std::min(from_.size(), limits::submission_bytes),
             MSG_NOSIGNAL);
}

void send_whole::prepare(submission entry) noexcept {
  entry.send(socket().descriptor(), left_.data(), std::min(left_.size(), limits::submission_bytes),
             MSG_NOSIGNAL | MSG_WAITALL);
}

void send_whole::sent(completion_target& self, completion what) noexcept {
  auto& me = static_cast<send_whole&>(self);
  if (what.result > 0) {
    me.left_ = me.left_.subspan(static_cast<std::size_t>(what.result));
    if (!me.left_.empty()) {
      if (me.socket().open() && me.again(&send_whole::fill)) return;
      me.stopped_short_ = ECANCELED;
    }
  } else if (what.result == 0 && !me.left_.empty()) {
    me.stopped_short_ = EPIPE;
  }
  completed(self, what);
}

}  // namespace lull::detail
