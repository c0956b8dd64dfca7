// SPDX-License-Identifier: MIT
#pragma once

// The files of the simulated kernel: bytes and names in memory, in one folder and those below it,
// and what of both would be there after a crash: that is what was synced, or written to be durable.
// It also looks at how it is used: a file that is not open is not named, and none takes another's
// name before it is safe.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "schedule.hpp"

namespace simulation {

class simulated_files {
 public:
  explicit simulated_files(schedule& by) : by_(by) {}

  static constexpr const char* folder = "/simulated";
  // How large a file can be.
  std::size_t room = 1 << 20;
  // There can be files without a name.
  bool has_unnamed = true;

  static bool is_file(int descriptor) noexcept {
    return descriptor >= first && descriptor < first + 10'000;
  }
  bool is_open(int descriptor) const noexcept;
  // Those that are open; a program that has ended leaves none.
  std::size_t open() const noexcept;

  // lull's side. A negative errno. Nothing of what fails is done.
  int open(const std::string& path, int flags) noexcept;
  int read(int descriptor, void* into, std::size_t bytes, std::uint64_t offset) noexcept;
  int write(int descriptor, const void* from, std::size_t bytes, std::uint64_t offset) noexcept;
  int truncate(int descriptor, std::uint64_t bytes) noexcept;
  int sync(int descriptor) noexcept;
  int close(int descriptor) noexcept;
  // What was written there is on the device.
  void make_durable(int descriptor, std::uint64_t offset, std::uint64_t bytes) noexcept;
  int allocate(int descriptor, int mode, std::uint64_t offset, std::uint64_t bytes) noexcept;
  int status(int descriptor, struct statx& into) noexcept;
  // Of names.
  int rename(const std::string& from, const std::string& to, unsigned flags) noexcept;
  int unlink(const std::string& path, bool folder) noexcept;
  int make_folder(const std::string& path) noexcept;
  int link(const std::string& existing, const std::string& created, bool follow) noexcept;
  int symlink(const std::string& target, const std::string& created) noexcept;
  int status(const std::string& path, bool follow, struct statx& into) noexcept;
  std::string part(int descriptor, std::uint64_t offset, std::size_t bytes) noexcept;
  std::uint64_t size(int descriptor) noexcept { return named(descriptor).bytes.size(); }

  // Who looks. Null: there is no such name.
  const std::string* content(const std::string& path) const noexcept;
  // Its bytes will be there after a crash; so will its name.
  bool is_synced(const std::string& path) const noexcept;
  bool is_safe(const std::string& path) const noexcept;
  // What is on the device of it.
  const std::string& durable(const std::string& path) const noexcept;
  // Two names of one file, or link.
  bool are_one(const std::string& a, const std::string& b) const noexcept {
    return find(a, false) != nullptr && find(a, false) == find(b, false);
  }
  // The names below a folder, with what has them: "folder", "link to ...", "file" and its number.
  std::map<std::string, std::string> names_below(const std::string& path) const;
  // Names that are not to stay.
  bool has_temporary() const noexcept;

 private:
  static constexpr int first = 30'000;

  struct file {
    std::string bytes = {};
    bool synced = true;
    bool is_folder = false;
    std::string target = {};     // of a symbolic link
    std::string on_device = {};  // bytes
    bool can_be_named = false;   // though it has no name
    unsigned number = 0;
  };
  using owned_file = std::shared_ptr<file>;

  file& named(int descriptor) noexcept;
  owned_file make(file one);
  bool is_folder(const std::string& path) const noexcept;
  bool is_empty(const std::string& path) const noexcept;
  // Where a path leads, links followed; an errno.
  int resolve(std::string& path) const;
  // What has that name, or the number of an open file; null: nothing.
  owned_file find(const std::string& path, bool follow) const noexcept;
  // 0, or why a name cannot be made there.
  int refusal_of(const std::string& created) const noexcept;
  void describe(const owned_file& one, struct statx& into) const noexcept;
  unsigned links_of(const owned_file& one) const noexcept;

  schedule& by_;
  std::map<std::string, owned_file> names_;
  std::map<std::string, owned_file> safe_names_;  // since the folder was synced
  std::vector<owned_file> open_;                  // null: closed
  unsigned made_ = 0;
};

}  // namespace simulation
