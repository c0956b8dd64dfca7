// SPDX-License-Identifier: MIT
#pragma once

// An open file. Belongs to the core that opened it: used, moved and dropped there. The object is
// one pointer. fs::open makes one (open.hpp).
//
// Reads and writes say where: there is no position, so any number of them may be in flight at a
// time. An offset of 2^63 or more is refused (EINVAL). Every operation suspends; it ends when its
// scope is asked to stop, as soon as the kernel lets go, and gives what it did if that came first.
// It borrows the caller's bytes only while it is awaited. Offsets and lengths are in bytes. What
// the page cache holds is read without a thread; else, and for most other operations, a thread of
// the kernel waits for the device, not the core. Reads, writes and syncs allocate nothing.
//
// Dropping an open file closes it too, in the background; nothing may be in flight on it then.

#include <fcntl.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "advise.hpp"
#include "allocate.hpp"
#include "close_file.hpp"
#include "read.hpp"
#include "registered_transfer.hpp"
#include "result.hpp"
#include "stat.hpp"
#include "sync.hpp"
#include "truncate.hpp"
#include "write.hpp"

namespace lull {

class file;
namespace detail {
file_state& state_of(const file& open) noexcept;
}

class file {
 public:
  // None: may be assigned to and dropped, nothing else.
  file() noexcept = default;
  explicit file(detail::file_state* owned) noexcept : state_(owned) {}

  // co_await: bytes from `offset` on into the caller's buffer; gives how many: fewer than asked for
  // at the end of the file, or of 1 GiB, and 0 at the end itself. A stop that comes meanwhile cuts
  // nothing short: what would be is operation_canceled.
  detail::read_some read(std::span<std::byte> into, std::uint64_t offset) noexcept {
    return detail::read_some(state(), into, offset);
  }
  // The same into several places, of which the first 1,024 are used. The list stays in place too.
  detail::read_vectored read(std::span<const iovec> into, std::uint64_t offset) noexcept {
    return detail::read_vectored(state(), into, offset);
  }
  // co_await: fills the buffer, or fails; with ENODATA (no_message_available) if the file ends
  // before.
  detail::read_whole read_exactly(std::span<std::byte> into, std::uint64_t offset) noexcept {
    return detail::read_whole(state(), into, offset);
  }

  // The same in a buffer of registered_buffers, or a part of one.
  detail::read_registered read(registered_bytes into, std::uint64_t offset) noexcept {
    return detail::read_registered(state(), into, offset);
  }
  detail::read_registered_whole read_exactly(registered_bytes into, std::uint64_t offset) noexcept {
    return detail::read_registered_whole(state(), into, offset);
  }

  // co_await: writes at `offset`, or at the end of a file opened with O_APPEND; gives how many
  // bytes: all, but where the room or a limit ends among them. The next write says why: ENOSPC,
  // EDQUOT, EFBIG.
  detail::write_some write(std::span<const std::byte> bytes, std::uint64_t offset) noexcept {
    return detail::write_some(state(), bytes, offset);
  }
  detail::write_some write(std::string_view text, std::uint64_t offset) noexcept {
    return write(bytes_of(text), offset);
  }
  detail::write_vectored write(std::span<const iovec> from, std::uint64_t offset) noexcept {
    return detail::write_vectored(state(), from, offset);
  }
  // co_await: writes everything, or fails with an unknown part written.
  detail::write_at write_all(std::span<const std::byte> bytes, std::uint64_t offset) noexcept {
    return detail::write_at(state(), bytes, offset);
  }
  detail::write_at write_all(std::string_view text, std::uint64_t offset) noexcept {
    return write_all(bytes_of(text), offset);
  }
  // The same from a buffer of registered_buffers, or a part of one.
  detail::write_registered write(registered_bytes from, std::uint64_t offset) noexcept {
    return detail::write_registered(state(), from, offset);
  }
  detail::write_registered_whole write_all(registered_bytes from, std::uint64_t offset) noexcept {
    return detail::write_registered_whole(state(), from, offset);
  }
  // co_await: writes everything at the end of the file, wherever that is by then.
  detail::append_to append(std::span<const std::byte> bytes) noexcept {
    return detail::append_to(state(), bytes);
  }
  detail::append_to append(std::string_view text) noexcept { return append(bytes_of(text)); }

  // co_await: writes everything, and ends when these bytes are on the device, with what is needed
  // to find them. As fdatasync() after it, but in one submission, for less of the processor's time,
  // and what was written before may not be on the device yet. For logs, and for pages that must
  // last; after a failure an unknown part is there.
  detail::write_durable write_durably(std::span<const std::byte> bytes,
                                      std::uint64_t offset) noexcept {
    return detail::write_durable(state(), bytes, offset);
  }
  detail::write_durable write_durably(std::string_view text, std::uint64_t offset) noexcept {
    return write_durably(bytes_of(text), offset);
  }
  detail::write_registered_durable write_durably(registered_bytes from,
                                                 std::uint64_t offset) noexcept {
    return detail::write_registered_durable(state(), from, offset);
  }
  detail::append_durable append_durably(std::span<const std::byte> bytes) noexcept {
    return detail::append_durable(state(), bytes);
  }
  detail::append_durable append_durably(std::string_view text) noexcept {
    return append_durably(bytes_of(text));
  }

  // co_await: what was written before is on the device, with all that is known of the file; the
  // name of a new file only once its folder has been synced as well. An error is reported once:
  // what was written may be lost, and syncing again does not bring it back.
  detail::sync_file fsync() noexcept { return detail::sync_file(state()); }
  // The same without times and rights.
  detail::sync_data fdatasync() noexcept { return detail::sync_data(state()); }
  // co_await: the same for bytes of existing places alone, with nothing else of the file and no
  // flush of the device: to spread writing over time, not to be safe. 0 bytes: to the end. `flags`
  // are those of sync_file_range.
  detail::sync_range sync_range(std::uint64_t offset, std::uint64_t bytes,
                                unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE |
                                                 SYNC_FILE_RANGE_WRITE |
                                                 SYNC_FILE_RANGE_WAIT_AFTER) noexcept {
    return detail::sync_range(state(), offset, bytes, flags);
  }

  // co_await: makes room on the device, so that writing there does not fail for lack of it; the
  // file grows as needed. `mode` is that of fallocate: FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE...
  // EOPNOTSUPP where the file system cannot do that.
  detail::allocate_range allocate(std::uint64_t offset, std::uint64_t bytes,
                                  int mode = 0) noexcept {
    return detail::allocate_range(state(), offset, bytes, mode);
  }
  // co_await: sets the length; what is new reads as zeros. Where the kernel has no such operation
  // (before 6.9), it needs the runtime's offload pool, and a stop does not end it.
  task<result<void>> truncate(std::uint64_t bytes) { return detail::truncate_file(state(), bytes); }
  // co_await: length, kind, owner, times.
  detail::stat_file stat() noexcept { return detail::stat_file(state()); }
  // co_await: says how bytes will be used: POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED,
  // POSIX_FADV_DONTNEED... 0 bytes: to the end; at most 4 GiB - 1.
  detail::advise_range advise(std::uint64_t offset, std::uint64_t bytes, int advice) noexcept {
    return detail::advise_range(state(), offset, bytes, advice);
  }

  // co_await: ends whatever is in flight on the file (operation_canceled), then closes. What is
  // called on the file afterwards fails with bad_file_descriptor. Closing is no sync.
  detail::close_file close() noexcept { return detail::close_file(state()); }

  // There is a file, and it has not been closed from here.
  bool is_open() const noexcept { return state_ != nullptr && state_->open(); }
  // As it was opened.
  const path_text& path() const noexcept { return state().path(); }
  // For what is not named here; -1 once closed. It stays the file's.
  int descriptor() const noexcept { return state().descriptor(); }

 private:
  friend detail::file_state& detail::state_of(const file& open) noexcept;

  static std::span<const std::byte> bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span(text.data(), text.size()));
  }
  detail::file_state& state() const noexcept {
    LULL_ASSERT(state_ != nullptr, "a file that is not open was used (moved from, perhaps)");
    return *state_;
  }

  std::unique_ptr<detail::file_state, detail::drop_file> state_;
};

// For operations on several things.
inline detail::file_state& detail::state_of(const file& open) noexcept { return open.state(); }

}  // namespace lull
