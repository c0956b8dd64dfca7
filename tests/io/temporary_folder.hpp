// SPDX-License-Identifier: MIT
#pragma once

// A folder of a test's own, removed with all that is in it, and a look at files from outside lull.

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <catch2/catch_test_macros.hpp>

namespace io_test {

class temporary_folder {
 public:
  explicit temporary_folder(
      const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    name_ = (parent / "lull-").string();
    name_.append(6, 'X');  // mkdtemp puts others there
    REQUIRE(::mkdtemp(name_.data()) != nullptr);
  }
  ~temporary_folder() { std::filesystem::remove_all(name_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::string& name() const { return name_; }
  std::string path(const std::string& entry) const { return name_ + "/" + entry; }

  void put(const std::string& entry, const std::string& text) const {
    std::ofstream(path(entry), std::ios::binary) << text;
  }
  std::string get(const std::string& entry) const {
    std::ifstream file(path(entry), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  bool has(const std::string& entry) const {
    return std::filesystem::exists(std::filesystem::symlink_status(path(entry)));
  }
  std::set<std::string> entries() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(name_)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

 private:
  std::string name_;
};

}  // namespace io_test
