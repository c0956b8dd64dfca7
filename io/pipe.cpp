// SPDX-License-Identifier: MIT
#include "pipe.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace lull {

pipe_end::pipe_end(lull::descriptor owned)
    : state_(new detail::file_state(detail::io_core::of(detail::this_context("pipe()")),
                                    failure::thing::pipe, owned.get())) {
  static_cast<void>(owned.release());
}

result<pipe_ends> pipe() {
  int ends[2];
  if (::syscall(SYS_pipe2, ends, O_CLOEXEC) != 0)
    return failure(errno, "make", failure::thing::pipe);
  descriptor from(ends[0]);
  descriptor to(ends[1]);
  pipe_ends both;
  both.reader = pipe_reader(std::move(from));
  both.writer = pipe_writer(std::move(to));
  return both;
}

}  // namespace lull
