// SPDX-License-Identifier: MIT
// What a simulated ring does with sockets, and the buffers that it receives into.
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

template <class T>
T* pointer(std::uint64_t number) noexcept {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(number));
}

bool splices_from(const io_uring_sqe& entry, int descriptor) noexcept {
  return entry.opcode == IORING_OP_SPLICE && entry.splice_fd_in == descriptor;
}

}  // namespace

void simulated_ring::begin(const io_uring_sqe& entry) noexcept {
  if (kernel_.network.is_open(entry.fd)) return begin_datagram(entry);
  if (kernel_.names.is_open(entry.fd)) return begin_letter(entry);
  if (!kernel_.sockets.is_open(entry.fd)) by_.fail("an operation names a socket that is not open");
  in_flight_.push_back({entry});
  const bool sends = entry.opcode == IORING_OP_SEND || entry.opcode == IORING_OP_SENDMSG ||
                     entry.opcode == IORING_OP_SEND_ZC;
  if (!sends && by_.fault(16)) {
    ++kernel_.made.operations_interrupted;
    return complete(entry.user_data, -EINTR);
  }
  if (entry.opcode == IORING_OP_SEND_ZC && by_.fault(6)) return refuse_zero_copy(in_flight_.back());
  go_on(in_flight_.back());
  kernel_.sockets.tell_news();
}

void simulated_ring::go_on_with(int descriptor) noexcept {
  for (in_flight& one : in_flight_) {
    if (one.entry.fd == descriptor || splices_from(one.entry, descriptor)) go_on(one);
  }
  notify(descriptor);
  kernel_.sockets.tell_news();
}

bool simulated_ring::names(int descriptor) const noexcept {
  return std::any_of(in_flight_.begin(), in_flight_.end(),
                     [=](const in_flight& one) {
                       return (one.entry.fd == descriptor && one.entry.opcode != IORING_OP_NOP) ||
                              splices_from(one.entry, descriptor);
                     }) ||
         std::any_of(kept_.begin(), kept_.end(),
                     [=](const kept& one) { return one.descriptor == descriptor; });
}

void simulated_ring::go_on(in_flight& one) noexcept {
  if (one.ended) return;
  if (one.entry.opcode == IORING_OP_SPLICE) return splice(one);
  if (simulated_pipes::is_end(one.entry.fd)) return go_on_with_pipe(one);
  if (simulated_network::is_socket(one.entry.fd)) return go_on_with_datagrams(one);
  if (simulated_unix::is_socket(one.entry.fd)) return go_on_with_letters(one);
  switch (one.entry.opcode) {
    case IORING_OP_ACCEPT:
      return accept(one);
    case IORING_OP_CONNECT:
      return go_on_connecting(one);
    case IORING_OP_SEND:
    case IORING_OP_SENDMSG:
    case IORING_OP_SEND_ZC:
      return send(one);
    case IORING_OP_RECV:
    case IORING_OP_RECVMSG:
      if ((one.entry.flags & IOSQE_BUFFER_SELECT) != 0) return receive_into_buffers(one);
      return receive(one);
    default:  // not of sockets
      return;
  }
}

void simulated_ring::accept(in_flight& one) noexcept {
  const bool multishot = (one.entry.ioprio & IORING_ACCEPT_MULTISHOT) != 0;
  while (!one.ended) {
    if (kernel_.short_of_descriptors && by_.fault(4)) {
      ++kernel_.made.no_descriptor;
      return complete(one.entry.user_data, by_.chance(2) ? -EMFILE : -ENOMEM);
    }
    const int made = kernel_.sockets.accept(one.entry.fd);
    if (made == -EAGAIN) return;
    const bool early = multishot && by_.fault(8);
    if (early) ++kernel_.made.ended_early;
    const bool goes_on = multishot && !early && made >= 0;
    complete(one.entry.user_data, made, goes_on ? IORING_CQE_F_MORE : 0);
  }
}

unsigned simulated_ring::cut_short(unsigned bytes) noexcept {
  if (bytes < 2 || !by_.fault(2)) return bytes;
  ++kernel_.made.cut_short;
  return 1 + by_.random.below(bytes - 1);
}

// The memory that it names, beginning with what has not been moved yet.
std::vector<iovec> simulated_ring::places(const in_flight& one) {
  std::vector<iovec> all;
  if (one.entry.opcode != IORING_OP_SENDMSG && one.entry.opcode != IORING_OP_RECVMSG) {
    all.push_back({pointer<void>(one.entry.addr), one.entry.len});
  } else {
    const auto& message = *pointer<const msghdr>(one.entry.addr);
    all.assign(message.msg_iov, message.msg_iov + message.msg_iovlen);
  }
  std::size_t skip = one.moved;
  for (iovec& place : all) {
    const std::size_t now = std::min(skip, place.iov_len);
    place = {static_cast<char*>(place.iov_base) + now, place.iov_len - now};
    skip -= now;
  }
  return all;
}

void simulated_ring::receive(in_flight& one) noexcept {
  const bool is_message = one.entry.opcode == IORING_OP_RECVMSG;
  if (is_message && kernel_.sockets.is_linked(one.entry.fd)) return receive_with_descriptors(one);
  std::int32_t moved = 0;
  for (const iovec& place : places(one)) {
    const auto most = cut_short(static_cast<unsigned>(place.iov_len));
    const int got = kernel_.sockets.receive(one.entry.fd, place.iov_base, most);
    if (got > 0) moved += got;
    if (got > 0 && static_cast<std::size_t>(got) == place.iov_len) continue;
    if (moved == 0 && got == -EAGAIN) return;
    return complete(one.entry.user_data, moved != 0 ? moved : got);
  }
  complete(one.entry.user_data, moved);
}

void simulated_ring::receive_into_buffers(in_flight& one) noexcept {
  while (!one.ended) {
    const std::uint64_t target = one.entry.user_data;
    const std::size_t waiting = kernel_.sockets.waiting(one.entry.fd);
    if (waiting == 0) {
      const int end = kernel_.sockets.receive(one.entry.fd, nullptr, 0);
      if (end != -EAGAIN) complete(target, end);
      return;
    }
    const auto buffer = choose_buffer(one.entry.buf_group);
    if (!buffer || by_.fault(16)) {
      ++kernel_.made.no_buffer;
      return complete(target, -ENOBUFS);
    }
    const auto most = static_cast<unsigned>(std::min<std::size_t>(buffer->bytes, waiting));
    const int got = kernel_.sockets.receive(one.entry.fd, buffer->data, cut_short(most));
    const std::uint32_t flags = IORING_CQE_F_BUFFER |
                                std::uint32_t{buffer->number} << IORING_CQE_BUFFER_SHIFT |
                                use_up(one.entry.buf_group, static_cast<std::uint32_t>(got));
    const bool early = by_.fault(8);
    if (early) ++kernel_.made.ended_early;
    complete(target, got, flags | (early ? 0 : IORING_CQE_F_MORE));
  }
}

// One that is to send all goes on until it has, or fails; and says how much, if that is something.
void simulated_ring::send(in_flight& one) noexcept {
  const bool all = (one.entry.msg_flags & MSG_WAITALL) != 0;
  int last = 0;
  for (const iovec& place : places(one)) {
    if (place.iov_len == 0) continue;
    const auto most = cut_short(static_cast<unsigned>(place.iov_len));
    last = kernel_.sockets.send(one.entry.fd, place.iov_base, most);
    if (last > 0) attach_descriptors(one);
    if (last > 0) one.moved += static_cast<std::uint32_t>(last);
    if (last > 0 && one.entry.opcode == IORING_OP_SEND_ZC) {
      one.sent.append(static_cast<const char*>(place.iov_base), static_cast<std::size_t>(last));
    }
    if (last < 0 || static_cast<std::size_t>(last) != place.iov_len) {
      if (last > 0 && by_.fault(6)) break;  // though not all has been sent
      if (last == -EAGAIN && (all || one.moved == 0)) return;
      if (last > 0 && all) return send(one);
      break;
    }
  }
  finish(one, last);
}

void simulated_ring::use_buffers(const io_uring_buf_reg& given) noexcept {
  buffers_.push_back({given});
}

void simulated_ring::forget_buffers(std::uint16_t group) noexcept {
  std::erase_if(buffers_, [=](const buffer_group& one) { return one.given.bgid == group; });
}

// The oldest that lull has given; none: it has all.
std::optional<simulated_ring::chosen_buffer> simulated_ring::choose_buffer(
    std::uint16_t group) noexcept {
  for (const buffer_group& one : buffers_) {
    if (one.given.bgid != group) continue;
    const auto* const shared = pointer<const io_uring_buf_ring>(one.given.ring_addr);
    if (shared->tail == one.head) return std::nullopt;
    const io_uring_buf& next = shared->bufs[one.head & (one.given.ring_entries - 1)];
    return chosen_buffer{pointer<void>(next.addr), next.len, next.bid};
  }
  by_.fail("a receive names buffers that are not registered");
}

// What the completion says of the buffer: an incremental one stays until it is full.
std::uint32_t simulated_ring::use_up(std::uint16_t group, std::uint32_t bytes) noexcept {
  const auto found = std::find_if(buffers_.begin(), buffers_.end(),
                                  [=](const buffer_group& one) { return one.given.bgid == group; });
  auto* const shared = pointer<io_uring_buf_ring>(found->given.ring_addr);
  io_uring_buf& next = shared->bufs[found->head & (found->given.ring_entries - 1)];
  if ((found->given.flags & IOU_PBUF_RING_INC) != 0 && bytes < next.len) {
    next.addr += bytes;
    next.len -= bytes;
    return 16;  // IORING_CQE_F_BUF_MORE
  }
  ++found->head;
  return 0;
}

}  // namespace simulation
