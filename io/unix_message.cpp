// SPDX-License-Identifier: MIT
#include "unix_message.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../base/assert.hpp"
#include "message_control.hpp"

namespace lull::detail {
namespace {

// Where a peer's process is told as a descriptor (SO_PASSPIDFD, from 6.5 on), which is not asked
// for here; glibc has no name for it yet.
constexpr int process_descriptor = 0x04;

// Every descriptor in `control` has an owner afterwards.
void take_descriptors(std::span<const std::byte> control, descriptor_list& into) noexcept {
  for_each_control(control, [&](int level, int type, std::span<const std::byte> data) {
    if (level != SOL_SOCKET) return;
    if (type == process_descriptor) descriptor(value_of<int>(data)).reset();
    if (type != SCM_RIGHTS) return;
    for (; data.size() >= sizeof(int); data = data.subspan(sizeof(int))) {
      into.add(descriptor(value_of<int>(data)));
    }
  });
}

}  // namespace

bool receive_message::await_suspend(suspended awaiting) noexcept {
  LULL_ASSERT(!socket().by_pieces(),
              "a message with descriptors is to be received from a stream whose receive() was used "
              "before, which loses descriptors; use receive_message alone on this stream");
  socket().begin_reading(*this);
  return socket_operation::await_suspend(awaiting);
}

void receive_message::prepare(submission entry) noexcept {
  part_ = {into_.data(), std::min(into_.size(), limits::submission_bytes)};
  message_.msg_name = &name_;
  message_.msg_namelen = sizeof(name_);
  message_.msg_control = control_;
  message_.msg_controllen = sizeof(control_);
  message_.msg_iov = &part_;
  message_.msg_iovlen = 1;
  const int flags = MSG_CMSG_CLOEXEC | (socket().has_datagrams() ? MSG_TRUNC : 0);
  entry.receive_message(socket().descriptor(), &message_, flags);
}

result<unix_message> receive_message::await_resume() noexcept {
  socket().end_reading();
  const std::int32_t bytes = end();
  if (bytes < 0) return failed(-bytes);
  unix_message message;
  message.sent_size = static_cast<std::size_t>(bytes);
  message.size = std::min(message.sent_size, part_.iov_len);
  message.peer =
      unix_address::from(reinterpret_cast<const sockaddr*>(&name_), message_.msg_namelen);
  message.descriptors_lost = (message_.msg_flags & MSG_CTRUNC) != 0;
  take_descriptors(std::span(control_).first(message_.msg_controllen), message.descriptors);
  return message;
}

send_message::send_message(receiving_socket& socket, const unix_address& to,
                           std::span<const std::byte> bytes,
                           std::span<const int> descriptors) noexcept
    : socket_operation(socket),
      passed_by(&send_message::closed, socket.descriptor()),
      to_(to),
      bytes_(bytes),
      descriptors_(descriptors) {
  LULL_ASSERT(descriptors.size() <= descriptor_list::most,
              "%zu descriptors were to be passed with one message, which takes %zu; pass them with "
              "several",
              descriptors.size(), descriptor_list::most);
  LULL_ASSERT(
      descriptors.empty() || !bytes.empty() || socket.has_datagrams(),
      "descriptors were to be passed on a stream without a byte, and would be lost; send at "
      "least one byte with them");
  this->complete = &send_message::sent;
}

// Where the receiver's queue is full the kernel would wait for room and then send the datagram
// empty: it has taken the bytes on its first try. So it does not wait, and is asked again.
void send_message::sent(completion_target& self, completion what) noexcept {
  auto& me = static_cast<send_message&>(self);
  if (what.result == -EAGAIN && me.socket().has_datagrams()) {
    if (!me.passed_by::is_linked()) me.socket().io().passed_by_cancels.add(me);
    if (me.socket().open() && me.again_later(&send_message::fill, me.refused_)) return;
    what.result = -ECANCELED;  // stopped, or closed
  }
  socket_operation::step(self, what);
}

void send_message::prepare(submission entry) noexcept {
  part_ = {const_cast<std::byte*>(bytes_.data()),
           std::min(bytes_.size(), limits::submission_bytes)};
  message_.msg_iov = &part_;
  message_.msg_iovlen = 1;
  if (to_) {
    message_.msg_name = const_cast<sockaddr*>(to_.data());
    message_.msg_namelen = to_.size();
  }
  if (!descriptors_.empty()) {
    control_writer control(control_);
    control.add(SOL_SOCKET, SCM_RIGHTS, std::as_bytes(descriptors_));
    message_.msg_control = control_;
    message_.msg_controllen = control.bytes();
  }
  const int flags = MSG_NOSIGNAL | (socket().has_datagrams() ? MSG_DONTWAIT : 0);
  entry.send_message(socket().descriptor(), &message_, flags);
}

result<std::size_t> send_message::await_resume() noexcept {
  passed_by::unlink();
  const std::int32_t sent = end();
  if (sent >= 0) return static_cast<std::size_t>(sent);
  return to_ ? failure(-sent, "send message to", to_) : failed(-sent);
}

}  // namespace lull::detail
