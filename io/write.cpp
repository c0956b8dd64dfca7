// SPDX-License-Identifier: MIT
#include "write.hpp"

#include <algorithm>

#include "limits.hpp"

namespace lull::detail {

void write_some::prepare(submission entry) noexcept {
  entry.write(file().descriptor(), from_.data(), std::min(from_.size(), limits::submission_bytes),
              offset_, 0);
}

void write_vectored::prepare(submission entry) noexcept {
  entry.write_vectored(file().descriptor(), from_.data(),
                       static_cast<unsigned>(std::min(from_.size(), limits::vectors)), offset_);
}

template <class Derived>
write_whole<Derived>::write_whole(file_state& file, std::span<const std::byte> from,
                                  std::uint64_t offset, int flags) noexcept
    : file_operation<Derived>(file), left_(from), offset_(offset), flags_(flags) {
  this->complete = &write_whole::step;
}

template <class Derived>
void write_whole<Derived>::prepare(submission entry) noexcept {
  entry.write(this->file().descriptor(), left_.data(),
              std::min(left_.size(), limits::submission_bytes), offset_, flags_);
}

template <class Derived>
void write_whole<Derived>::step(completion_target& self, completion what) noexcept {
  auto& me = static_cast<write_whole&>(self);
  if (what.result > 0) {
    me.left_ = me.left_.subspan(static_cast<std::size_t>(what.result));
    me.offset_ += static_cast<std::uint64_t>(what.result);
    if (!me.left_.empty()) {
      if (me.file().open() && me.again(&write_whole::fill)) return;
      me.stopped_short_ = ECANCELED;
    }
  } else if (what.result == 0) {
    me.stopped_short_ = EIO;  // no error and no progress: asking again could go on for ever
  }
  me.completed(self, what);
}

template <class Derived>
result<void> write_whole<Derived>::await_resume() noexcept {
  const std::int32_t last = this->end();
  if (last < 0) return this->failed(-last);
  if (!left_.empty()) return this->failed(stopped_short_);
  return {};
}

template class write_whole<write_at>;
template class write_whole<append_to>;

write_at::write_at(file_state& file, std::span<const std::byte> from, std::uint64_t offset) noexcept
    : write_whole(file, from, offset, 0) {}

// The offset means nothing then.
append_to::append_to(file_state& file, std::span<const std::byte> from) noexcept
    : write_whole(file, from, 0, RWF_APPEND) {}

}  // namespace lull::detail
