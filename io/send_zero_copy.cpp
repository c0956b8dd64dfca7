// SPDX-License-Identifier: MIT
#include "send_zero_copy.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "../ring/ring.hpp"
#include "limits.hpp"

namespace lull::detail {
namespace {

// The kernel could not, or would not, do it without copying: it has to lock the pages, and not all
// sockets can.
bool is_refusal(std::int32_t result) noexcept {
  return result == -ENOMEM || result == -ENOBUFS || result == -EOPNOTSUPP;
}

}  // namespace

bool zero_copy_send::await_suspend(suspended awaiting) {
  socket_.check_core(name);
  if (!socket_.open()) return false;
  socket_.sent().begin();
  socket_.begin_operation();
  entered_ = true;
  others_.begin(socket_.io());
  copying_ = left_.size() < limits::zero_copy_bytes || !socket_.home().ring->has().zero_copy_send;
  return operation::await_suspend(awaiting);
}

void zero_copy_send::prepare(submission entry) noexcept {
  const std::size_t bytes = std::min(left_.size(), limits::submission_bytes);
  constexpr int flags = MSG_NOSIGNAL | MSG_WAITALL;
  if (copying_) return entry.send(socket_.descriptor(), left_.data(), bytes, flags);
  ++socket_.io().statistics.zero_copy_sends;
  entry.send_zero_copy(socket_.descriptor(), left_.data(), bytes, flags);
}

void zero_copy_send::step(completion_target& self, completion what) noexcept {
  auto& me = static_cast<zero_copy_send&>(self);
  if (what.notification()) {
    if (--me.notifications_ == 0 && !me.awaited_) me.end();
    return;
  }
  if (what.more()) ++me.notifications_;  // of a failure too
  if (!me.go_on(what.result)) completed(self, what);
}

// Whether more is submitted when the kernel has said that; if not, `result` is that of all.
bool zero_copy_send::go_on(std::int32_t& result) noexcept {
  if (result > 0) {
    left_ = left_.subspan(static_cast<std::size_t>(result));
    if (left_.empty()) return false;
  } else if (result == 0) {
    if (!left_.empty()) result = -EPIPE;
    return false;
  } else if (!copying_ && is_refusal(result)) {
    ++socket_.io().statistics.zero_copy_refusals;
    copying_ = true;
  } else if (!is_in_vain(result)) {
    return false;
  }
  if (socket_.open() && again(&operation::fill)) return true;
  result = -ECANCELED;
  return false;
}

// As of socket_operation.
bool zero_copy_send::is_in_vain(std::int32_t result) noexcept {
  return interrupted(result) || (result == -ECANCELED && others_.have_cancelled(socket_.io()));
}

result<void> zero_copy_send::outcome() noexcept {
  int code = entered_ ? -answer() : EBADF;
  if (ended_by_another(-code) && !socket_.open()) code = ECANCELED;
  if (entered_) socket_.end_operation();
  if (code > 0) return failure(code, name, socket_.peer());
  return {};
}

void zero_copy_send::let_go() noexcept {
  awaited_ = false;
  if (notifications_ == 0) end();
}

// What the bytes lie in goes first: as long as it is there, so is the socket.
void zero_copy_send::end() noexcept {
  unconfirmed* const of = entered_ ? &socket_.sent() : nullptr;
  delete this;
  if (of != nullptr) of->end();
}

}  // namespace lull::detail
