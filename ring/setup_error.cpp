// SPDX-License-Identifier: MIT
#include "setup_error.hpp"

#include <sys/resource.h>
#include <sys/utsname.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace lull {
namespace {

int disabled_sysctl() noexcept {
  int value = 0;
  if (std::FILE* file = std::fopen("/proc/sys/kernel/io_uring_disabled", "r")) {
    if (std::fscanf(file, "%d", &value) != 1) value = 0;
    std::fclose(file);
  }
  return value;
}

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "unknown";
}

std::string locked_memory_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) != 0) return "unknown";
  if (limit.rlim_cur == RLIM_INFINITY) return "unlimited";
  return std::to_string(limit.rlim_cur / 1024) + " KiB";
}

std::string sentence(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      if (disabled_sysctl() != 0) {
        return "io_uring is switched off on this machine (kernel.io_uring_disabled=" +
               std::to_string(disabled_sysctl()) +
               "); switch it on with 'sysctl kernel.io_uring_disabled=0'";
      }
      return "io_uring is refused to this process, most likely by a seccomp filter; in a container "
             "allow io_uring_setup, io_uring_enter and io_uring_register (docker: "
             "--security-opt seccomp=unconfined or a profile that lists them)";
    case ENOSYS:
      return "this kernel (" + kernel_release() +
             ") has no io_uring, or a seccomp filter hides it; lull needs Linux 6.1 or newer with "
             "CONFIG_IO_URING";
    case ENOMEM:
      return "the locked-memory limit (" + locked_memory_limit() +
             ") is too small for even a small ring; raise it with 'ulimit -l unlimited' (or "
             "LimitMEMLOCK=infinity in a systemd unit), or run fewer cores";
    case EMFILE:
      return "this process has no descriptor left for a ring; raise its limit with 'ulimit -n'";
    case ENFILE:
      return "the machine has no descriptor left for a ring; raise it with 'sysctl fs.file-max'";
    case EINVAL:
      return "this kernel (" + kernel_release() +
             ") refuses the ring that lull needs; lull needs Linux 6.1 or newer";
    default:
      return "no io_uring could be set up on kernel " + kernel_release();
  }
}

}  // namespace

std::system_error restriction_error(int negative_errno) {
  return std::system_error(
      -negative_errno, std::generic_category(),
      "kernel " + kernel_release() +
          " does not restrict a ring to the operations that lull uses: it is older than Linux 6.1 "
          "and does not know all of them, or a seccomp filter forbids it (io_uring_register). "
          "Allow that call, or set ring_options::restricted to false and do without");
}

std::system_error setup_error(int negative_errno, bool submission_thread) {
  const int error = -negative_errno;
  std::string text = sentence(error);
  if (submission_thread &&
      (error == EPERM || error == EACCES || error == EINVAL || error == EAGAIN)) {
    text +=
        ". Or it is the submission thread that is refused, by a security policy or a limit on "
        "threads ('ulimit -u', pids.max of the control group): then set "
        "ring_options::submission_thread to false";
  }
  return std::system_error(error, std::generic_category(), text);
}

}  // namespace lull
