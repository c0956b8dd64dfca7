// SPDX-License-Identifier: MIT
#pragma once

// Both ends of a connection that is none of lull's: what a client library has.

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <utility>

namespace io_test {

class descriptor_pair {
 public:
  descriptor_pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) == 0); }
  ~descriptor_pair() {
    close_near();
    close_far();
  }
  descriptor_pair(const descriptor_pair&) = delete;
  descriptor_pair& operator=(const descriptor_pair&) = delete;

  int near() const noexcept { return ends_[0]; }
  int far() const noexcept { return ends_[1]; }
  void close_near() noexcept { close(ends_[0]); }
  void close_far() noexcept { close(ends_[1]); }
  bool near_is_open() const noexcept { return ::fcntl(ends_[0], F_GETFD) >= 0; }

  void send(const std::string& text) const {
    REQUIRE(::send(far(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  void take(std::size_t bytes) const {
    std::string text(bytes, '\0');
    REQUIRE(::recv(near(), text.data(), bytes, MSG_DONTWAIT) == static_cast<ssize_t>(bytes));
  }
  // Whether the far end has been told of the end.
  bool far_sees_the_end() const noexcept {
    char byte = 0;
    return ::recv(far(), &byte, 1, MSG_DONTWAIT) == 0;
  }
  // Until nothing more can be written.
  void fill() const {
    const std::string text(65536, 'x');
    while (::send(near(), text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {}
  }
  void drain() const {
    std::string text(65536, '\0');
    while (::recv(far(), text.data(), text.size(), MSG_DONTWAIT) > 0) {}
  }

 private:
  static void close(int& end) noexcept {
    if (end >= 0) ::close(std::exchange(end, -1));
  }

  int ends_[2];
};

}  // namespace io_test
