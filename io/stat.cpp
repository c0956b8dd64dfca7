// SPDX-License-Identifier: MIT
#include "stat.hpp"

#include <sys/sysmacros.h>

namespace lull::detail {
namespace {

constexpr unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;

fs::file_time time_of(const statx_timestamp& raw) noexcept {
  using std::chrono::floor;
  using std::chrono::seconds;
  constexpr std::int64_t first = floor<seconds>(fs::file_time::min().time_since_epoch()).count();
  constexpr std::int64_t last = floor<seconds>(fs::file_time::max().time_since_epoch()).count();
  if (raw.tv_sec <= first) return fs::file_time::min();
  if (raw.tv_sec >= last) return fs::file_time::max();
  return fs::file_time(seconds(raw.tv_sec) + std::chrono::nanoseconds(raw.tv_nsec));
}

fs::file_status status_of(const struct statx& raw) noexcept {
  fs::file_status status;
  status.bytes = raw.stx_size;
  status.allocated_bytes = raw.stx_blocks * 512;
  status.inode = raw.stx_ino;
  status.device = makedev(raw.stx_dev_major, raw.stx_dev_minor);
  status.mode = raw.stx_mode;
  status.links = raw.stx_nlink;
  status.user = raw.stx_uid;
  status.group = raw.stx_gid;
  status.block_bytes = raw.stx_blksize;
  status.accessed = time_of(raw.stx_atime);
  status.modified = time_of(raw.stx_mtime);
  status.changed = time_of(raw.stx_ctime);
  if ((raw.stx_mask & STATX_BTIME) != 0) status.created = time_of(raw.stx_btime);
  return status;
}

}  // namespace

void stat_path::prepare(submission entry) noexcept {
  entry.status(AT_FDCWD, path().c_str(), flags_, wanted, &raw_);
}

result<fs::file_status> stat_path::await_resume() const noexcept {
  const std::int32_t code = end();
  if (code < 0) return failed(-code);
  return status_of(raw_);
}

void stat_file::prepare(submission entry) noexcept {
  entry.status(file().descriptor(), "", AT_EMPTY_PATH, wanted, &raw_);
}

result<fs::file_status> stat_file::await_resume() noexcept {
  const std::int32_t code = end();
  if (code < 0) return failed(-code);
  return status_of(raw_);
}

}  // namespace lull::detail
