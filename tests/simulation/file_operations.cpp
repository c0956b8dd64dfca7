// SPDX-License-Identifier: MIT
// What a simulated ring does with files: at once, or when the device gets to it, in any order; and
// never, when it is cancelled before.
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

template <class T>
T* at(std::uint64_t number) noexcept {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(number));
}

bool has_places(const io_uring_sqe& entry) noexcept {
  return entry.opcode == IORING_OP_READV || entry.opcode == IORING_OP_WRITEV;
}

std::vector<iovec> places_in_memory(const io_uring_sqe& entry) {
  if (!has_places(entry)) return {{at<void>(entry.addr), entry.len}};
  const auto* const all = at<const iovec>(entry.addr);
  return {all, all + entry.len};
}

}  // namespace

bool simulated_ring::is_of_files(const io_uring_sqe& entry) noexcept {
  switch (entry.opcode) {
    case IORING_OP_READ:
    case IORING_OP_WRITE:
      return simulated_files::is_file(entry.fd);
    case IORING_OP_READV:
    case IORING_OP_WRITEV:
    case IORING_OP_READ_FIXED:
    case IORING_OP_WRITE_FIXED:
    case IORING_OP_FSYNC:
    case IORING_OP_SYNC_FILE_RANGE:
    case IORING_OP_FALLOCATE:
    case IORING_OP_FADVISE:
    case IORING_OP_FTRUNCATE:
    case IORING_OP_STATX:
    case IORING_OP_OPENAT:
      return true;
    default:
      return is_of_names(entry);
  }
}

// What only changes names.
bool simulated_ring::is_of_names(const io_uring_sqe& entry) noexcept {
  switch (entry.opcode) {
    case IORING_OP_RENAMEAT:
    case IORING_OP_UNLINKAT:
    case IORING_OP_MKDIRAT:
    case IORING_OP_LINKAT:
    case IORING_OP_SYMLINKAT:
      return true;
    default:
      return false;
  }
}

void simulated_ring::begin_with_file(const io_uring_sqe& entry) noexcept {
  in_flight_.push_back({entry});
  if (by_.chance(2)) do_with_file(in_flight_.back());
}

bool simulated_ring::has_file_work() const noexcept {
  return std::any_of(in_flight_.begin(), in_flight_.end(),
                     [](const in_flight& one) { return waits_for_thread(one); });
}

bool simulated_ring::waits_for_thread(const in_flight& one) noexcept {
  const bool unbegun_splice = one.entry.opcode == IORING_OP_SPLICE && !one.begun;
  return !one.ended && (is_of_files(one.entry) || unbegun_splice);
}

void simulated_ring::do_file_work() noexcept {
  std::vector<std::size_t> able;
  for (std::size_t i = 0; i < in_flight_.size(); ++i) {
    if (waits_for_thread(in_flight_[i])) able.push_back(i);
  }
  in_flight& one = in_flight_[able[by_.random.below(static_cast<unsigned>(able.size()))]];
  if (one.entry.opcode == IORING_OP_SPLICE) return take_up_splice(one);
  do_with_file(one);
}

void simulated_ring::do_with_file(in_flight& one) noexcept {
  const int result = result_with_file(one.entry);
  by_.note("done with a file", one.entry.opcode, result);
  complete(one.entry.user_data, result);
}

int simulated_ring::result_with_file(const io_uring_sqe& entry) noexcept {
  simulated_files& files = kernel_.files;
  if (is_of_names(entry)) return result_with_name(entry);
  if (by_.fault(16)) {
    ++kernel_.made.operations_interrupted;
    return interruption(entry);
  }
  switch (entry.opcode) {
    case IORING_OP_OPENAT:
      if (by_.fault(16)) return -EMFILE;
      return files.open(at<const char>(entry.addr), static_cast<int>(entry.open_flags));
    case IORING_OP_FSYNC:
      return by_.fault(12) ? -EIO : files.sync(entry.fd);
    case IORING_OP_FTRUNCATE:
      return files.truncate(entry.fd, entry.off);
    case IORING_OP_STATX: {
      auto& into = *at<struct statx>(entry.off);
      if ((entry.statx_flags & AT_EMPTY_PATH) != 0) return files.status(entry.fd, into);
      const bool follow = (entry.statx_flags & AT_SYMLINK_NOFOLLOW) == 0;
      return files.status(at<const char>(entry.addr), follow, into);
    }
    case IORING_OP_SYNC_FILE_RANGE:
      if (by_.fault(12)) return -EIO;
      files.make_durable(entry.fd, entry.off, entry.len == 0 ? files.size(entry.fd) : entry.len);
      return 0;
    case IORING_OP_FALLOCATE:
      return files.allocate(entry.fd, static_cast<int>(entry.len), entry.off, entry.addr);
    case IORING_OP_FADVISE:
      static_cast<void>(files.size(entry.fd));  // is open
      return 0;
    case IORING_OP_READ_FIXED:
    case IORING_OP_WRITE_FIXED:
      check_registered(entry);
      [[fallthrough]];
    default:
      return by_.fault(16) ? -EAGAIN : move_bytes_of_file(entry);
  }
}

int simulated_ring::result_with_name(const io_uring_sqe& entry) noexcept {
  simulated_files& files = kernel_.files;
  const char* const path = at<const char>(entry.addr);
  switch (entry.opcode) {
    case IORING_OP_RENAMEAT:
      return files.rename(path, at<const char>(entry.off), entry.rename_flags);
    case IORING_OP_MKDIRAT:
      return files.make_folder(path);
    case IORING_OP_LINKAT:
      return files.link(path, at<const char>(entry.off),
                        (entry.hardlink_flags & AT_SYMLINK_FOLLOW) != 0);
    case IORING_OP_SYMLINKAT:
      return files.symlink(path, at<const char>(entry.off));
    default:
      return files.unlink(path, (entry.unlink_flags & AT_REMOVEDIR) != 0);
  }
}

// What is in one piece of what lull has registered.
void simulated_ring::check_registered(const io_uring_sqe& entry) noexcept {
  const bool is_there = entry.buf_index < registered_.size();
  const iovec known = is_there ? registered_[entry.buf_index] : iovec{};
  const auto begin = reinterpret_cast<std::uintptr_t>(known.iov_base);
  if (known.iov_base == nullptr || entry.addr < begin ||
      entry.addr + entry.len > begin + known.iov_len) {
    by_.fail("an operation names memory that is not registered in that place");
  }
}

int simulated_ring::change_registered(unsigned place, const iovec& memory) noexcept {
  if (memory.iov_base != nullptr && by_.fault(3)) return -ENOMEM;
  registered_[place] = memory;
  return 1;
}

// What was written before may turn out to be lost; it is closed whatever that says.
int simulated_ring::close(int descriptor) noexcept {
  const int result = kernel_.close_named(descriptor);
  return simulated_files::is_file(descriptor) && by_.fault(24) ? -EIO : result;
}

// As many as it likes.
int simulated_ring::move_bytes_of_file(const io_uring_sqe& entry) noexcept {
  const bool reads = entry.opcode == IORING_OP_READ || entry.opcode == IORING_OP_READV ||
                     entry.opcode == IORING_OP_READ_FIXED;
  const bool appends = !reads && (entry.rw_flags & RWF_APPEND) != 0;
  const bool is_durable = !reads && (entry.rw_flags & RWF_DSYNC) != 0;
  std::uint64_t offset = appends ? kernel_.files.size(entry.fd) : std::uint64_t{entry.off};
  int moved = 0;
  for (const iovec& place : places_in_memory(entry)) {
    const std::uint64_t size = kernel_.files.size(entry.fd);
    std::uint64_t there = place.iov_len;
    if (reads) there = std::min(there, size - std::min(offset, size));
    const unsigned most = cut_short(static_cast<unsigned>(there));
    const int now = reads ? kernel_.files.read(entry.fd, place.iov_base, most, offset)
                          : kernel_.files.write(entry.fd, place.iov_base, most, offset);
    if (now < 0) return moved != 0 ? moved : now;
    if (is_durable) kernel_.files.make_durable(entry.fd, offset, static_cast<unsigned>(now));
    moved += now;
    offset += static_cast<unsigned>(now);
    if (static_cast<std::size_t>(now) != place.iov_len) break;
  }
  return moved;
}

}  // namespace simulation
