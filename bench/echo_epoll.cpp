// SPDX-License-Identifier: MIT
// A peer of the echo rows: one thread on epoll, as one writes it without a library. Readiness is
// level-triggered, a connection is read once each time it is reported, and answered from the one
// buffer that all share; only what its peer does not take at once is copied, and then nothing more
// is read from it until that is gone.
//
// Usage: echo_epoll PORT. Listens on 127.0.0.1 until it is killed.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "listening.hpp"

namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;
constexpr int events_at_a_time = 512;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "echo_epoll: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

class server {
 public:
  explicit server(std::uint16_t port) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) fail("no epoll descriptor");
    listener_ = lull::bench::listen_on(port, SOCK_NONBLOCK);
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::vector<epoll_event> events(events_at_a_time);
    for (;;) {
      const int count = epoll_wait(epoll_, events.data(), events_at_a_time, -1);
      if (count < 0 && errno != EINTR) fail("waiting failed");
      for (int i = 0; i < count; ++i) {
        const epoll_event& one = events[static_cast<std::size_t>(i)];
        if (one.data.fd == listener_) {
          accept_all();
        } else if ((one.events & EPOLLOUT) != 0) {
          send_rest(one.data.fd);
        } else {
          answer(one.data.fd);
        }
      }
    }
  }

 private:
  void watch(int how, int descriptor, std::uint32_t events) {
    epoll_event wanted{};
    wanted.events = events;
    wanted.data.fd = descriptor;
    if (epoll_ctl(epoll_, how, descriptor, &wanted) != 0) fail("epoll refuses a socket");
  }

  void accept_all() {
    for (;;) {
      const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (descriptor < 0) {
        if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR) return;
        fail("accept failed");
      }
      const auto index = static_cast<std::size_t>(descriptor);
      if (index >= unsent_.size()) unsent_.resize(index + 1);
      watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
    }
  }

  void answer(int descriptor) {
    const ssize_t got = recv(descriptor, buffer_, sizeof buffer_, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return drop(descriptor);
    const auto bytes = static_cast<std::size_t>(got);
    const ssize_t taken = send(descriptor, buffer_, bytes, MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) return drop(descriptor);
    const std::size_t done = taken < 0 ? 0 : static_cast<std::size_t>(taken);
    if (done == bytes) return;
    unsent_[static_cast<std::size_t>(descriptor)].assign(buffer_ + done, bytes - done);
    watch(EPOLL_CTL_MOD, descriptor, EPOLLOUT);
  }

  void send_rest(int descriptor) {
    std::string& rest = unsent_[static_cast<std::size_t>(descriptor)];
    const ssize_t taken = send(descriptor, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (taken < 0 && errno == EAGAIN) return;
    if (taken < 0) return drop(descriptor);
    rest.erase(0, static_cast<std::size_t>(taken));
    if (rest.empty()) watch(EPOLL_CTL_MOD, descriptor, EPOLLIN);
  }

  void drop(int descriptor) {
    unsent_[static_cast<std::size_t>(descriptor)].clear();
    close(descriptor);
  }

  int epoll_;
  int listener_ = -1;
  char buffer_[buffer_bytes];
  std::vector<std::string> unsent_;  // by descriptor; empty while its peer keeps up
};

}  // namespace

int main(int argument_count, char** arguments) {
  const int port = argument_count == 2 ? std::atoi(arguments[1]) : 0;
  if (port < 1 || port > 65535) {
    std::fprintf(stderr, "usage: echo_epoll PORT (1 to 65535, on 127.0.0.1)\n");
    return 2;
  }
  server(static_cast<std::uint16_t>(port)).run();
}
