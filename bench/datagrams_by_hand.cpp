// SPDX-License-Identifier: MIT
// The reference of the datagram row: one thread that waits in epoll, takes all that has come by
// recvmmsg and sends it back by sendmmsg, 64 at a time. Errors end it.
//
// Usage: datagrams_by_hand PORT [in_turn]. On 127.0.0.1 until it is killed. With in_turn by
// recvfrom and sendto, one after the other.

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "listening.hpp"

namespace {

constexpr std::size_t at_a_time = 64;
constexpr std::size_t most_bytes = 2048;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "datagrams_by_hand: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

int bound_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_in address = lull::bench::loopback(port);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("the port cannot be bound");
  }
  return socket;
}

class batch {
 public:
  // False: nothing is left.
  bool answer(int socket) {
    for (std::size_t i = 0; i < at_a_time; ++i) {
      places_[i] = {bytes_[i].data(), most_bytes};
      msghdr& header = messages_[i].msg_hdr;
      header = {};
      header.msg_name = &peers_[i];
      header.msg_namelen = sizeof peers_[i];
      header.msg_iov = &places_[i];
      header.msg_iovlen = 1;
    }
    const int came = ::recvmmsg(socket, messages_.data(), at_a_time, 0, nullptr);
    if (came < 0 && errno != EAGAIN) fail("receiving failed");
    if (came <= 0) return false;
    const auto count = static_cast<std::size_t>(came);
    for (std::size_t i = 0; i < count; ++i) places_[i].iov_len = messages_[i].msg_len;
    if (::sendmmsg(socket, messages_.data(), static_cast<unsigned>(came), 0) != came) {
      fail("sending failed");
    }
    return count == at_a_time;
  }

 private:
  std::array<std::array<char, most_bytes>, at_a_time> bytes_;
  std::array<sockaddr_in, at_a_time> peers_;
  std::array<iovec, at_a_time> places_;
  std::array<mmsghdr, at_a_time> messages_;
};

bool answer_one(int socket) {
  std::array<char, most_bytes> bytes;
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  auto* const name = reinterpret_cast<sockaddr*>(&peer);
  const ssize_t came = ::recvfrom(socket, bytes.data(), bytes.size(), 0, name, &size);
  if (came < 0 && errno != EAGAIN) fail("receiving failed");
  if (came < 0) return false;
  if (::sendto(socket, bytes.data(), static_cast<std::size_t>(came), 0, name, size) != came) {
    fail("sending failed");
  }
  return true;
}

[[noreturn]] void serve(int socket, bool in_turn) {
  static batch together;
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll refuses the socket");
  for (;;) {
    if (::epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR) fail("waiting failed");
    while (in_turn ? answer_one(socket) : together.answer(socket)) continue;
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  const int port = argument_count > 1 ? std::atoi(arguments[1]) : 0;
  const bool in_turn = argument_count == 3 && std::strcmp(arguments[2], "in_turn") == 0;
  if (port < 1 || port > 65535 || argument_count > (in_turn ? 3 : 2)) {
    std::fprintf(stderr, "usage: datagrams_by_hand PORT [in_turn] (1 to 65535, on 127.0.0.1)\n");
    return 2;
  }
  serve(bound_to(static_cast<std::uint16_t>(port)), in_turn);
}
