// SPDX-License-Identifier: MIT
#include "kernel.hpp"

#include <liburing.h>
#include <linux/sockios.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>

namespace lull {
namespace {

int or_errno(long result) noexcept { return result < 0 ? -errno : static_cast<int>(result); }

class linux_kernel final : public kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    const int descriptor = or_errno(::syscall(__NR_io_uring_setup, entries, &params));
    if (descriptor < 0) return descriptor;
    const int mapped = ::io_uring_queue_mmap(descriptor, &params, &into);
    if (mapped < 0) {
      ::close(descriptor);
      return mapped;
    }
    into.ring_fd = into.enter_ring_fd = descriptor;
    into.flags = params.flags;
    into.features = params.features;
    return descriptor;
  }

  void teardown(io_uring& ring) noexcept override { ::io_uring_queue_exit(&ring); }

  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t argument_bytes) noexcept override {
    return or_errno(::syscall(__NR_io_uring_enter, descriptor, submit, wait_for, flags, argument,
                              argument_bytes));
  }

  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    return or_errno(::syscall(__NR_io_uring_register, descriptor, opcode, argument, count));
  }

  int socket(int family, int type, int protocol) noexcept override {
    return or_errno(::socket(family, type | SOCK_CLOEXEC, protocol));
  }
  int bind(int descriptor, const sockaddr* address, socklen_t bytes) noexcept override {
    return or_errno(::bind(descriptor, address, bytes));
  }
  int listen(int descriptor, int backlog) noexcept override {
    return or_errno(::listen(descriptor, backlog));
  }
  int set_option(int descriptor, int level, int name, const void* value,
                 socklen_t bytes) noexcept override {
    return or_errno(::setsockopt(descriptor, level, name, value, bytes));
  }
  int local_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept override {
    return or_errno(::getsockname(descriptor, address, bytes));
  }
  int peer_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept override {
    return or_errno(::getpeername(descriptor, address, bytes));
  }
  int unconfirmed_bytes(int descriptor) noexcept override {
    int bytes = 0;
    const int result = or_errno(::ioctl(descriptor, SIOCOUTQ, &bytes));
    return result < 0 ? result : bytes;
  }
  // Whether somebody has it is found by connecting to it; without waiting for him.
  int remove_unused_name(int type, const sockaddr* address, socklen_t bytes) noexcept override {
    const char* const path = reinterpret_cast<const sockaddr_un*>(address)->sun_path;
    struct stat file;
    if (::lstat(path, &file) != 0) return -errno;
    if (!S_ISSOCK(file.st_mode)) return -EADDRINUSE;
    const int probe = or_errno(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (probe < 0) return probe;
    const int found = or_errno(::connect(probe, address, bytes));
    ::close(probe);
    if (found != -ECONNREFUSED) return -EADDRINUSE;
    return or_errno(::unlink(path));
  }
  // Past the C library, here and wherever a pipe or an event descriptor is made: ThreadSanitizer
  // does not see what the ring closes, and would take the next one with that number, on another
  // core, for the one before.
  int close(int descriptor) noexcept override { return or_errno(::syscall(SYS_close, descriptor)); }
  int event_descriptor() noexcept override {
    return or_errno(::syscall(SYS_eventfd2, 0, EFD_CLOEXEC));
  }
  int signal_event(int descriptor) noexcept override {
    const std::uint64_t one = 1;
    return or_errno(::write(descriptor, &one, sizeof(one)));
  }
};

}  // namespace

kernel& real_kernel() noexcept {
  static linux_kernel kernel;
  return kernel;
}

}  // namespace lull
