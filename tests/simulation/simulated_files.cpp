// SPDX-License-Identifier: MIT
#include "simulated_files.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace simulation {

bool simulated_files::is_open(int descriptor) const noexcept {
  const auto index = static_cast<std::size_t>(descriptor - first);
  return is_file(descriptor) && index < open_.size() && open_[index] != nullptr;
}

std::size_t simulated_files::open() const noexcept {
  return static_cast<std::size_t>(std::count_if(
      open_.begin(), open_.end(), [](const owned_file& one) { return one != nullptr; }));
}

simulated_files::file& simulated_files::named(int descriptor) noexcept {
  if (!is_open(descriptor)) by_.fail("a file is used that is not open");
  return *open_[static_cast<std::size_t>(descriptor - first)];
}

simulated_files::owned_file simulated_files::make(file one) {
  one.number = ++made_;
  return std::make_shared<file>(std::move(one));
}

int simulated_files::open(const std::string& path, int flags) noexcept {
  owned_file found;
  std::string at = path;
  if (const int code = resolve(at); code < 0) return code;
  if ((flags & O_TMPFILE) == O_TMPFILE) {
    if (!has_unnamed) return -EOPNOTSUPP;
    if (!is_folder(at)) return names_.contains(at) ? -ENOTDIR : -ENOENT;
    found = make({.can_be_named = true});
  } else if (at == folder) {
    found = make({.is_folder = true});
  } else if (const auto named = names_.find(at); named != names_.end()) {
    if ((flags & O_EXCL) != 0) return -EEXIST;
    found = named->second;
    if (found->is_folder && (flags & O_ACCMODE) != O_RDONLY) return -EISDIR;
  } else if ((flags & O_CREAT) != 0) {
    if ((flags & O_EXCL) != 0 && at != path) return -EEXIST;
    if (const int code = refusal_of(at); code < 0) return code;
    found = names_[at] = make({});
  } else {
    return -ENOENT;
  }
  if ((flags & O_TRUNC) != 0) found->bytes.clear();
  const auto unused = std::find(open_.begin(), open_.end(), nullptr);
  const auto index = static_cast<int>(unused - open_.begin());
  if (unused == open_.end()) {
    open_.push_back(std::move(found));
  } else {
    *unused = std::move(found);
  }
  by_.note("opened", index);
  return first + index;
}

int simulated_files::read(int descriptor, void* into, std::size_t bytes,
                          std::uint64_t offset) noexcept {
  const std::string& from = named(descriptor).bytes;
  if (offset >= from.size()) return 0;
  const std::size_t now = std::min<std::size_t>(bytes, from.size() - offset);
  std::memcpy(into, from.data() + offset, now);
  return static_cast<int>(now);
}

std::string simulated_files::part(int descriptor, std::uint64_t offset,
                                  std::size_t bytes) noexcept {
  const std::string& from = named(descriptor).bytes;
  return offset >= from.size() ? std::string() : from.substr(offset, bytes);
}

int simulated_files::write(int descriptor, const void* from, std::size_t bytes,
                           std::uint64_t offset) noexcept {
  file& to = named(descriptor);
  if (bytes == 0) return 0;
  if (offset >= room) return -ENOSPC;
  const std::size_t now = std::min<std::size_t>(bytes, room - offset);
  if (to.bytes.size() < offset + now) to.bytes.resize(offset + now);
  std::memcpy(to.bytes.data() + offset, from, now);
  to.synced = false;
  return static_cast<int>(now);
}

int simulated_files::truncate(int descriptor, std::uint64_t bytes) noexcept {
  file& one = named(descriptor);
  one.bytes.resize(bytes);
  one.synced = false;
  return 0;
}

void simulated_files::make_durable(int descriptor, std::uint64_t offset,
                                   std::uint64_t bytes) noexcept {
  file& one = named(descriptor);
  const std::uint64_t end = std::min<std::uint64_t>(one.bytes.size(), offset + bytes);
  if (end <= offset) return;
  if (one.on_device.size() < end) one.on_device.resize(end);
  one.on_device.replace(offset, end - offset, one.bytes, offset, end - offset);
}

int simulated_files::allocate(int descriptor, int mode, std::uint64_t offset,
                              std::uint64_t bytes) noexcept {
  file& one = named(descriptor);
  if (offset + bytes > room) return -ENOSPC;
  const bool grows = (mode & FALLOC_FL_KEEP_SIZE) == 0;
  if (grows && one.bytes.size() < offset + bytes) one.bytes.resize(offset + bytes);
  if ((mode & FALLOC_FL_PUNCH_HOLE) != 0 && offset < one.bytes.size()) {
    const std::size_t now = std::min<std::size_t>(bytes, one.bytes.size() - offset);
    one.bytes.replace(offset, now, now, '\0');
  }
  one.synced = false;
  return 0;
}

int simulated_files::sync(int descriptor) noexcept {
  file& one = named(descriptor);
  one.synced = true;
  one.on_device = one.bytes;
  if (one.is_folder) safe_names_ = names_;
  return 0;
}

int simulated_files::status(int descriptor, struct statx& into) noexcept {
  static_cast<void>(named(descriptor));
  describe(open_[static_cast<std::size_t>(descriptor - first)], into);
  return 0;
}

int simulated_files::close(int descriptor) noexcept {
  static_cast<void>(named(descriptor));
  open_[static_cast<std::size_t>(descriptor - first)] = nullptr;
  by_.note("closed", descriptor - first);
  return 0;
}

const std::string* simulated_files::content(const std::string& path) const noexcept {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : &found->second->bytes;
}

const std::string& simulated_files::durable(const std::string& path) const noexcept {
  return names_.at(path)->on_device;
}

bool simulated_files::is_synced(const std::string& path) const noexcept {
  const auto found = names_.find(path);
  return found != names_.end() && found->second->synced;
}

bool simulated_files::is_safe(const std::string& path) const noexcept {
  const auto now = names_.find(path);
  const auto then = safe_names_.find(path);
  return is_synced(path) && then != safe_names_.end() && then->second == now->second;
}

bool simulated_files::has_temporary() const noexcept {
  return std::any_of(names_.begin(), names_.end(), [](const auto& one) {
    return one.first.find("/.lull-") != std::string::npos;
  });
}

}  // namespace simulation
