// SPDX-License-Identifier: MIT
#pragma once

// The other end of a connection, with plain blocking system calls: what a foreign program does.
// Loopback keeps what is sent, so tests may use both ends in one thread.

#include <linux/filter.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <lull/io/address.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace io_test {

class raw_peer {
 public:
  explicit raw_peer(const lull::address& to, int receive_buffer = 0)
      : descriptor_(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    REQUIRE(descriptor_ >= 0);
    if (receive_buffer != 0) {
      ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    const timeval limit{20, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    REQUIRE(::connect(descriptor_, to.data(), to.size()) == 0);
  }
  explicit raw_peer(int descriptor) noexcept : descriptor_(descriptor) {}
  raw_peer(raw_peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  raw_peer& operator=(raw_peer&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~raw_peer() { close(); }

  void send(std::string_view text) {
    REQUIRE(::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  // What is there now, up to `most`; waits for the first byte, and so blocks the core that runs the
  // test: what it waits for has been submitted by then. Empty: the end.
  std::string receive(std::size_t most = 65536) {
    std::string text(most, '\0');
    ssize_t got = 0;
    do {
      got = ::recv(descriptor_, text.data(), most, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN) {
      std::fprintf(stderr,
                   "a peer waited in vain: the core that it keeps has yet to send or close\n");
      std::abort();
    }
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }
  bool has_bytes() const {
    char byte = 0;
    return ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
  }
  void end_sending() { ::shutdown(descriptor_, SHUT_WR); }
  void close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }
  // The peer's system drops the connection at once.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
  }
  // Its system drops what comes from now on, and acknowledges nothing.
  void turn_deaf() {
    sock_filter drop[] = {{BPF_RET | BPF_K, 0, 0, 0}};
    const sock_fprog program{1, drop};
    REQUIRE(::setsockopt(descriptor_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ==
            0);
  }
  int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace io_test
