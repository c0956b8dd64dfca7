// SPDX-License-Identifier: MIT
#include "peer_name.hpp"

#include <cstring>

namespace lull {
namespace {

constexpr unsigned char cut = 0x80;  // in bytes_: the beginning is not kept

}  // namespace

peer_name::peer_name(const unix_address& name) noexcept : name_{}, unix_(true) {
  // With the mark of an abstract name in front, as it is printed.
  const std::string_view whole = name.name();
  const std::size_t mark = name.is_abstract() ? 1 : 0;
  if (mark + whole.size() <= kept) {
    if (mark != 0) name_[0] = '@';
    std::memcpy(name_ + mark, whole.data(), whole.size());
    bytes_ = static_cast<unsigned char>(mark + whole.size());
  } else {
    std::memcpy(name_, whole.data() + whole.size() - kept, kept);
    bytes_ = kept | cut;
  }
}

const address& peer_name::ip() const noexcept {
  static const address none;
  return unix_ ? none : ip_;
}

std::string peer_name::to_string() const {
  if (!unix_) return ip_.to_string();
  std::string text = (bytes_ & cut) != 0 ? "unix:..." : "unix:";
  for (const char c : std::string_view(name_, bytes_ & ~cut)) {
    text += static_cast<unsigned char>(c) > ' ' && c != '\x7f'
                ? c
                : '?';  // for people; not to be parsed
  }
  return text;
}

}  // namespace lull
