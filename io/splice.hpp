// SPDX-License-Identifier: MIT
#pragma once

// Moving bytes between a pipe and a file, or another pipe, without copying them into this program:
// what a child prints into a file, say. co_await splice(from, to, bytes) gives how many were moved:
// at least one, as soon as there are any, or 0 at the end of what is spliced from. Of this core;
// suspends; ends when its scope is asked to stop or either end is closed; one submission.
//
// A thread of the kernel does it, and waits where the source is empty or the target full; a core
// has ring_options::workers of them. So it is for few transfers and much data.
//
// Connections are not spliced. From one it would keep a thread for each idle peer. To one it would
// keep the pipe locked while the peer does not read, and whoever then writes to the pipe's other
// end or closes it waits for that with its core. receive and write_all, read and send_all do
// neither; send_file sends files.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "file.hpp"
#include "limits.hpp"
#include "pipe.hpp"

namespace lull {
namespace detail {

class [[nodiscard]] splice_operation : public descriptor_operation<splice_operation, file_state>,
                                       private passed_by {
  using base = descriptor_operation<splice_operation, file_state>;

 public:
  static constexpr const char* name = "splice";

  splice_operation(file_state& from, std::int64_t from_offset, file_state& to,
                   std::int64_t to_offset, std::size_t bytes) noexcept
      : base(to),
        passed_by(&splice_operation::end_closed, from.descriptor(), to.descriptor()),
        from_(from),
        from_offset_(from_offset),
        to_offset_(to_offset),
        bytes_(std::min(bytes, limits::submission_bytes)) {}

  static constexpr bool in_vain(std::int32_t result) noexcept {
    return result == -ECANCELED || interrupted(result);
  }

  bool await_suspend(suspended awaiting) noexcept {
    from_.check_core(name);
    if (!from_.open()) return false;
    from_.enter();
    from_entered_ = true;
    from_.io().passed_by_cancels.add(*this);
    return base::await_suspend(awaiting);
  }
  result<std::size_t> await_resume() noexcept {
    std::int32_t bytes = base::end();
    if (from_entered_) {
      passed_by::unlink();
      from_.leave();
    } else {
      bytes = -EBADF;
    }
    if (bytes < 0) return failed(-bytes);
    return static_cast<std::size_t>(bytes);
  }

  void prepare(submission entry) noexcept {
    entry.splice(from_.descriptor(), from_offset_, state().descriptor(), to_offset_, bytes_);
  }

 private:
  // Of the file, or else of the pipe that is written.
  failure failed(int code) const noexcept {
    return (from_.path() ? from_ : state()).failed(code, name);
  }
  static void end_closed(passed_by& self) noexcept {
    static_cast<splice_operation&>(self).cancel();
  }

  file_state& from_;
  std::int64_t from_offset_;
  std::int64_t to_offset_;
  std::size_t bytes_;
  bool from_entered_ = false;
};

// What is spliced has no position of its own that counts.
inline constexpr std::int64_t no_offset = -1;
// The greatest offset would be taken for that; the kernel refuses this one, as it should.
constexpr std::int64_t offset_of_file(std::uint64_t offset) noexcept {
  return offset == ~std::uint64_t{0} ? -2 : static_cast<std::int64_t>(offset);
}

}  // namespace detail

// ENOSPC, EFBIG, EINVAL (the file was opened to append). The offset is where it is written.
inline detail::splice_operation splice(pipe_reader& from, file& to, std::uint64_t offset,
                                       std::size_t bytes) noexcept {
  return {detail::state_of(from), detail::no_offset, detail::state_of(to),
          detail::offset_of_file(offset), bytes};
}
inline detail::splice_operation splice(file& from, std::uint64_t offset, pipe_writer& to,
                                       std::size_t bytes) noexcept {
  return {detail::state_of(from), detail::offset_of_file(offset), detail::state_of(to),
          detail::no_offset, bytes};
}
inline detail::splice_operation splice(pipe_reader& from, pipe_writer& to,
                                       std::size_t bytes) noexcept {
  return {detail::state_of(from), detail::no_offset, detail::state_of(to), detail::no_offset,
          bytes};
}

}  // namespace lull
