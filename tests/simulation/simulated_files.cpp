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

int simulated_files::open(const std::string& path, int flags) noexcept {
  owned_file found;
  if (path == folder) {
    found = std::make_shared<file>();
    found->is_folder = true;
  } else if (const auto named = names_.find(path); named != names_.end()) {
    if ((flags & O_EXCL) != 0) return -EEXIST;
    found = named->second;
  } else if ((flags & O_CREAT) != 0) {
    found = names_[path] = std::make_shared<file>();
  } else {
    return -ENOENT;
  }
  if ((flags & O_TRUNC) != 0) *found = {};
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

int simulated_files::sync(int descriptor) noexcept {
  file& one = named(descriptor);
  one.synced = true;
  if (one.is_folder) safe_names_ = names_;
  return 0;
}

int simulated_files::close(int descriptor) noexcept {
  static_cast<void>(named(descriptor));
  open_[static_cast<std::size_t>(descriptor - first)] = nullptr;
  by_.note("closed", descriptor - first);
  return 0;
}

int simulated_files::rename(const std::string& from, const std::string& to) noexcept {
  const auto found = names_.find(from);
  if (found == names_.end()) return -ENOENT;
  if (!found->second->synced) by_.fail("a file took another's name before it was synced");
  names_[to] = std::move(found->second);
  names_.erase(found);
  by_.note("renamed", static_cast<std::int64_t>(names_[to]->bytes.size()));
  return 0;
}

int simulated_files::unlink(const std::string& path) noexcept {
  return names_.erase(path) == 0 ? -ENOENT : 0;
}

const std::string* simulated_files::content(const std::string& path) const noexcept {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : &found->second->bytes;
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
