// SPDX-License-Identifier: MIT
#pragma once

// The path, or the two paths, that an operation is about: made of whatever holds text, kept by the
// operation and by the failure that names it. Copies share the text: copying is cheap, does not
// throw, and may be done on any thread. Making one allocates.

#include <concepts>
#include <memory>
#include <string>
#include <string_view>

namespace lull {

class path_text {
 public:
  // No path.
  path_text() noexcept = default;
  // All throw std::bad_alloc.
  path_text(const char* path) : path_text(std::string_view(path)) {}         // NOLINT: implicit
  path_text(const std::string& path) : path_text(std::string_view(path)) {}  // NOLINT: implicit
  path_text(std::string_view path)                                           // NOLINT: implicit
      : text_(std::make_shared<const texts>(path, std::string_view())) {}
  // A std::filesystem::path.
  template <class Path>
    requires requires(const Path& path) {
      { path.native() } -> std::same_as<const std::string&>;
    }
  path_text(const Path& path) : path_text(path.native()) {}  // NOLINT: implicit
  // Of an operation on two.
  path_text(const path_text& first, const path_text& second)
      : text_(std::make_shared<const texts>(first.view(), second.view())) {}

  explicit operator bool() const noexcept { return text_ != nullptr; }
  const char* c_str() const noexcept { return text_ == nullptr ? "" : text_->first.c_str(); }
  const char* second() const noexcept { return text_ == nullptr ? "" : text_->second.c_str(); }
  std::string_view view() const noexcept {
    return text_ == nullptr ? std::string_view() : std::string_view(text_->first);
  }
  // The kernel would read it only up to a zero byte in it, and so mean another file.
  bool has_zero() const noexcept {
    return text_ != nullptr && (text_->first.find('\0') != std::string::npos ||
                                text_->second.find('\0') != std::string::npos);
  }
  // As messages name it.
  std::string to_string() const {
    if (text_ == nullptr) return std::string();
    return text_->second.empty() ? text_->first : text_->first + " to " + text_->second;
  }

 private:
  struct texts {
    texts(std::string_view one, std::string_view other) : first(one), second(other) {}

    std::string first;
    std::string second;
  };

  std::shared_ptr<const texts> text_;
};

}  // namespace lull
