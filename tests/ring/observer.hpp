// SPDX-License-Identifier: MIT
#pragma once

// What ring tests share: a target that remembers its completions, and a kernel that refuses things.

#include <cerrno>
#include <vector>

#include <lull/ring/ring.hpp>

namespace test {

struct observer : lull::completion_target {
  observer() noexcept : completion_target(&observer::seen) {}

  static void seen(lull::completion_target& self, lull::completion what) noexcept {
    static_cast<observer&>(self).completions.push_back(what);
  }

  std::vector<lull::completion> completions;
};

// Reaps until `watched` has so many completions; false if they do not come in about two seconds.
inline bool settle(lull::ring& ring, const observer& watched, std::size_t completions) {
  for (int i = 0; i < 200 && watched.completions.size() < completions; ++i) {
    ring.wait(std::chrono::milliseconds(10));
    ring.reap();
  }
  return watched.completions.size() >= completions;
}

// The real kernel, but for what a test overrides.
class passing_kernel : public lull::kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    return real_.setup(entries, params, into);
  }
  void teardown(io_uring& ring) noexcept override { real_.teardown(ring); }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    return real_.enter(descriptor, submit, wait_for, flags, argument, bytes);
  }
  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    return real_.register_with(descriptor, opcode, argument, count);
  }
  int socket(int family, int type, int protocol) noexcept override {
    return real_.socket(family, type, protocol);
  }
  int bind(int descriptor, const sockaddr* address, socklen_t bytes) noexcept override {
    return real_.bind(descriptor, address, bytes);
  }
  int listen(int descriptor, int backlog) noexcept override {
    return real_.listen(descriptor, backlog);
  }
  int set_option(int descriptor, int level, int name, const void* value,
                 socklen_t bytes) noexcept override {
    return real_.set_option(descriptor, level, name, value, bytes);
  }
  int local_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept override {
    return real_.local_address(descriptor, address, bytes);
  }
  int peer_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept override {
    return real_.peer_address(descriptor, address, bytes);
  }
  int unconfirmed_bytes(int descriptor) noexcept override {
    return real_.unconfirmed_bytes(descriptor);
  }
  int remove_unused_name(int type, const sockaddr* address, socklen_t bytes) noexcept override {
    return real_.remove_unused_name(type, address, bytes);
  }
  int close(int descriptor) noexcept override { return real_.close(descriptor); }
  int event_descriptor() noexcept override { return real_.event_descriptor(); }
  int signal_event(int descriptor) noexcept override { return real_.signal_event(descriptor); }

 private:
  lull::kernel& real_ = lull::real_kernel();
};

}  // namespace test
