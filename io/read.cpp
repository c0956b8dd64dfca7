// SPDX-License-Identifier: MIT
#include "read.hpp"

#include <algorithm>

#include "limits.hpp"

namespace lull::detail {

void read_some::prepare(submission entry) noexcept {
  entry.read(file().descriptor(), into_.data(), std::min(into_.size(), limits::submission_bytes),
             offset_);
}

void read_vectored::prepare(submission entry) noexcept {
  entry.read_vectored(file().descriptor(), into_.data(),
                      static_cast<unsigned>(std::min(into_.size(), limits::vectors)), offset_);
}

void read_whole::prepare(submission entry) noexcept {
  entry.read(file().descriptor(), left_.data(), std::min(left_.size(), limits::submission_bytes),
             offset_);
}

void read_whole::step(completion_target& self, completion what) noexcept {
  auto& me = static_cast<read_whole&>(self);
  if (what.result > 0) {
    me.left_ = me.left_.subspan(static_cast<std::size_t>(what.result));
    me.offset_ += static_cast<std::uint64_t>(what.result);
    if (!me.left_.empty()) {
      if (me.file().open() && me.again(&read_whole::fill)) return;
      me.stopped_short_ = ECANCELED;
    }
  } else if (what.result == 0) {
    me.stopped_short_ = ENODATA;
  }
  completed(self, what);
}

result<void> read_whole::await_resume() noexcept {
  const std::int32_t last = end();
  if (last < 0) return failed(-last);
  if (!left_.empty()) return failed(stopped_short_);
  return {};
}

}  // namespace lull::detail
