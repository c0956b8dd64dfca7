// SPDX-License-Identifier: MIT
// What a simulated ring does with Unix sockets, and the descriptors that go over them.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

constexpr std::size_t before_name = offsetof(sockaddr_un, sun_path);

template <class T>
T* named_by(std::uint64_t number) noexcept {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(number));
}

// Of copies: they are there whatever becomes of the sender's.
passed_descriptors descriptors_in(const msghdr& message) {
  passed_descriptors all;
  if (message.msg_controllen == 0) return all;
  cmsghdr head;
  std::memcpy(&head, message.msg_control, sizeof(head));
  for (std::size_t at = CMSG_LEN(0); at < head.cmsg_len; at += sizeof(int)) {
    int one = -1;
    std::memcpy(&one, static_cast<const char*>(message.msg_control) + at, sizeof(one));
    all.emplace_back(::fcntl(one, F_DUPFD_CLOEXEC, 0));
  }
  return all;
}

// As many as the program may have, at times; whoever receives owns them.
void put_descriptors(msghdr& message, passed_descriptors passed, std::size_t most) noexcept {
  message.msg_flags = most < passed.size() ? MSG_CTRUNC : 0;
  passed.resize(std::min(most, passed.size()));
  cmsghdr head{};
  head.cmsg_level = SOL_SOCKET;
  head.cmsg_type = SCM_RIGHTS;
  head.cmsg_len = CMSG_LEN(passed.size() * sizeof(int));
  message.msg_controllen = 0;
  if (passed.empty()) return;
  auto* const into = static_cast<char*>(message.msg_control);
  std::memcpy(into, &head, sizeof(head));
  for (std::size_t i = 0; i < passed.size(); ++i) {
    const int one = passed[i].release();
    std::memcpy(into + CMSG_LEN(i * sizeof(int)), &one, sizeof(one));
  }
  message.msg_controllen = CMSG_SPACE(passed.size() * sizeof(int));
}

}  // namespace

std::string simulated_kernel::unix_name(const sockaddr* address, socklen_t bytes) {
  if (address == nullptr || bytes <= before_name) return {};
  std::string name(reinterpret_cast<const char*>(address) + before_name, bytes - before_name);
  if (name[0] != '\0') name.resize(std::strlen(name.c_str()));
  return name;
}

int simulated_kernel::put_name(const std::string& name, sockaddr* into, socklen_t* bytes) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  const auto whole = static_cast<socklen_t>(before_name + name.size());
  std::memcpy(into, &address, std::min(whole, *bytes));
  *bytes = whole;
  return 0;
}

std::size_t simulated_ring::few_descriptors(std::size_t passed) noexcept {
  if (passed == 0 || !by_.fault(8)) return passed;
  ++kernel_.made.no_descriptor;
  return by_.random.below(static_cast<unsigned>(passed));
}

void simulated_ring::connect_unix(in_flight& one) noexcept {
  const auto* const to = named_by<const sockaddr>(one.entry.addr);
  const auto bytes = static_cast<socklen_t>(one.entry.off);
  const int listener = kernel_.names.owner(simulated_kernel::unix_name(to, bytes));
  const int result = simulated_sockets::is_socket(listener)
                         ? kernel_.sockets.connect_to(one.entry.fd, listener)
                         : -ECONNREFUSED;
  if (result == 0) ++kernel_.made.connected;
  complete(one.entry.user_data, result);
}

// With the descriptors that came with its first byte, and no byte that others came with.
void simulated_ring::receive_with_descriptors(in_flight& one) noexcept {
  auto& message = *named_by<msghdr>(one.entry.addr);
  const iovec& place = message.msg_iov[0];
  passed_descriptors passed;
  const auto most = cut_short(static_cast<unsigned>(place.iov_len));
  const int got = kernel_.sockets.receive_message(one.entry.fd, place.iov_base, most, passed);
  if (got == -EAGAIN) return;
  message.msg_namelen = 0;
  const std::size_t fit = few_descriptors(passed.size());
  put_descriptors(message, std::move(passed), fit);
  complete(one.entry.user_data, got);
}

void simulated_ring::attach_descriptors(const in_flight& one) noexcept {
  if (one.entry.opcode != IORING_OP_SENDMSG || one.moved != 0) return;
  kernel_.sockets.attach(one.entry.fd, descriptors_in(*named_by<const msghdr>(one.entry.addr)));
}

void simulated_ring::begin_letter(const io_uring_sqe& entry) noexcept {
  in_flight_.push_back({entry});
  if (by_.fault(16)) {
    ++kernel_.made.operations_interrupted;
    return complete(entry.user_data, -EINTR);
  }
  go_on_with_letters(in_flight_.back());
}

void simulated_ring::go_on_with_letters(in_flight& one) noexcept {
  const io_uring_sqe& entry = one.entry;
  simulated_unix& names = kernel_.names;
  if (entry.opcode == IORING_OP_CONNECT) {
    const auto* const to = named_by<const sockaddr>(entry.addr);
    const auto bytes = static_cast<socklen_t>(entry.off);
    return complete(entry.user_data,
                    names.connect(entry.fd, simulated_kernel::unix_name(to, bytes)));
  }
  auto& message = *named_by<msghdr>(entry.addr);
  const iovec& place = message.msg_iov[0];
  if (entry.opcode == IORING_OP_SENDMSG) {
    const std::string to =
        simulated_kernel::unix_name(static_cast<sockaddr*>(message.msg_name), message.msg_namelen);
    const std::string bytes(static_cast<const char*>(place.iov_base), place.iov_len);
    passed_descriptors passed = descriptors_in(message);
    const int sent = by_.fault(12) ? -ENOBUFS : names.send(entry.fd, to, bytes, passed);
    if (sent == -EAGAIN) {
      ++kernel_.made.without_room;
      if ((entry.msg_flags & MSG_DONTWAIT) == 0) {
        by_.fail("a datagram waits for room in the kernel, which sends it empty then");
      }
    }
    complete(entry.user_data, sent);
    if (sent >= 0) names.tell_all();
    return;
  }
  if (entry.opcode != IORING_OP_RECVMSG) by_.fail("what is for streams is done with datagrams");
  simulated_unix::letter* const got = names.oldest(entry.fd);
  if (got == nullptr) return;
  const std::size_t now = std::min(place.iov_len, got->bytes.size());
  std::memcpy(place.iov_base, got->bytes.data(), now);
  simulated_kernel::put_name(got->from, static_cast<sockaddr*>(message.msg_name),
                             &message.msg_namelen);
  const std::size_t fit = few_descriptors(got->passed.size());
  put_descriptors(message, std::move(got->passed), fit);
  const std::size_t size = got->bytes.size();
  if (now < size) message.msg_flags |= MSG_TRUNC, ++kernel_.made.truncated;
  names.received(entry.fd);
  complete(entry.user_data,
           static_cast<std::int32_t>((entry.msg_flags & MSG_TRUNC) != 0 ? size : now));
  names.tell_all();
}

}  // namespace simulation
