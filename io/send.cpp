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

}  // namespace lull::detail
