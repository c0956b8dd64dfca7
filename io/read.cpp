// SPDX-License-Identifier: MIT
#include "read.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "limits.hpp"

namespace lull::detail {

bool has_bytes_at(int descriptor, std::uint64_t offset) noexcept {
  struct stat is{};
  if (::fstat(descriptor, &is) != 0) return false;
  return S_ISBLK(is.st_mode) || (S_ISREG(is.st_mode) && std::cmp_less(offset, is.st_size));
}

std::size_t read_some::asked() const noexcept {
  return std::min(into_.size(), limits::submission_bytes);
}

void read_some::prepare(submission entry) noexcept {
  entry.read(file().descriptor(), into_.data(), asked(), offset_);
}

std::size_t read_vectored::asked() const noexcept {
  std::size_t bytes = 0;
  for (const iovec& one : into_.first(std::min(into_.size(), limits::vectors))) {
    bytes += one.iov_len;
  }
  return std::min(bytes, limits::submission_bytes);
}

void read_vectored::prepare(submission entry) noexcept {
  entry.read_vectored(file().descriptor(), into_.data(),
                      static_cast<unsigned>(std::min(into_.size(), limits::vectors)), offset_);
}

void read_whole::prepare(submission entry) noexcept {
  entry.read(file().descriptor(), left_.data(), std::min(left_.size(), limits::submission_bytes),
             offset_);
}

}  // namespace lull::detail
