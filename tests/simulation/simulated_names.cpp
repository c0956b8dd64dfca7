// SPDX-License-Identifier: MIT
// The names of the simulated files.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "simulated_files.hpp"

namespace simulation {
namespace {

constexpr unsigned most_links = 8;  // followed
constexpr std::string_view numbers = "/proc/self/fd/";

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

bool simulated_files::is_folder(const std::string& path) const noexcept {
  const auto found = names_.find(path);
  return path == folder || (found != names_.end() && found->second->is_folder);
}

bool simulated_files::is_empty(const std::string& path) const noexcept {
  return names_below(path).empty();
}

int simulated_files::resolve(std::string& path) const {
  for (unsigned left = most_links; left > 0; --left) {
    const auto found = names_.find(path);
    if (found == names_.end() || found->second->target.empty()) return 0;
    path = found->second->target;
  }
  return -ELOOP;
}

int simulated_files::refusal_of(const std::string& created) const noexcept {
  if (names_.contains(created) || created == folder) return -EEXIST;
  const std::string above = folder_of(created);
  if (is_folder(above)) return 0;
  return names_.contains(above) ? -ENOTDIR : -ENOENT;
}

int simulated_files::rename(const std::string& from, const std::string& to,
                            unsigned flags) noexcept {
  const auto found = names_.find(from);
  if (found == names_.end()) return -ENOENT;
  const int refusal = refusal_of(to);
  if (refusal != 0 && refusal != -EEXIST) return refusal;
  const bool exists = refusal == -EEXIST;
  if (exists && (flags & RENAME_NOREPLACE) != 0) return -EEXIST;
  if (!is_empty(from) || to.starts_with(from + "/")) return -EINVAL;  // more than is needed here
  if (exists && (!is_empty(to) || from.starts_with(to + "/"))) return -ENOTEMPTY;
  if ((flags & RENAME_EXCHANGE) != 0) {
    if (!exists) return -ENOENT;
    std::swap(names_[from], names_[to]);
    return 0;
  }
  if (exists && names_[to] == found->second) return 0;  // two names of one file: both stay
  if (exists && is_folder(to) != is_folder(from)) return is_folder(to) ? -EISDIR : -ENOTDIR;
  if (!found->second->synced) by_.fail("a file took another's name before it was synced");
  const owned_file one = found->second;
  names_.erase(found);
  names_[to] = one;
  by_.note("renamed", static_cast<std::int64_t>(one->bytes.size()));
  return 0;
}

int simulated_files::unlink(const std::string& path, bool is_to_be_folder) noexcept {
  if (!names_.contains(path)) return -ENOENT;
  if (is_folder(path) != is_to_be_folder) return is_to_be_folder ? -ENOTDIR : -EISDIR;
  if (is_to_be_folder && !is_empty(path)) return -ENOTEMPTY;
  names_.erase(path);
  return 0;
}

int simulated_files::make_folder(const std::string& path) noexcept {
  if (const int code = refusal_of(path); code < 0) return code;
  names_[path] = make({.is_folder = true});
  return 0;
}

simulated_files::owned_file simulated_files::find(const std::string& path,
                                                  bool follow) const noexcept {
  if (follow && path.starts_with(numbers)) {
    const int descriptor = std::atoi(path.c_str() + numbers.size());
    return is_open(descriptor) ? open_[static_cast<std::size_t>(descriptor - first)] : nullptr;
  }
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

int simulated_files::link(const std::string& existing, const std::string& created,
                          bool follow) noexcept {
  const owned_file found = find(existing, follow);
  if (found == nullptr) return -ENOENT;
  if (const int code = refusal_of(created); code < 0) return code;
  if (found->is_folder) return -EPERM;
  if (links_of(found) == 0 && !found->can_be_named) return -ENOENT;
  names_[created] = found;
  return 0;
}

int simulated_files::symlink(const std::string& target, const std::string& created) noexcept {
  if (const int code = refusal_of(created); code < 0) return code;
  names_[created] = make({.target = target});
  return 0;
}

int simulated_files::status(const std::string& path, bool follow, struct statx& into) noexcept {
  std::string at = path;
  const int code = follow ? resolve(at) : 0;
  if (code < 0) return code;
  const auto found = names_.find(at);
  if (found == names_.end()) return -ENOENT;
  describe(found->second, into);
  return 0;
}

void simulated_files::describe(const owned_file& one, struct statx& into) const noexcept {
  into = {};
  into.stx_size = one->target.empty() ? one->bytes.size() : one->target.size();
  into.stx_ino = one->number;
  into.stx_mode = static_cast<std::uint16_t>(one->is_folder        ? S_IFDIR
                                             : one->target.empty() ? S_IFREG
                                                                   : S_IFLNK);
  into.stx_nlink = links_of(one);
}

unsigned simulated_files::links_of(const owned_file& one) const noexcept {
  return static_cast<unsigned>(std::count_if(names_.begin(), names_.end(),
                                             [&](const auto& name) { return name.second == one; }));
}

std::map<std::string, std::string> simulated_files::names_below(const std::string& path) const {
  std::map<std::string, std::string> all;
  for (const auto& [name, one] : names_) {
    if (!name.starts_with(path + "/")) continue;
    all[name] = one->is_folder         ? "folder"
                : !one->target.empty() ? "link to " + one->target
                                       : "file " + std::to_string(one->number);
  }
  return all;
}

}  // namespace simulation
