// SPDX-License-Identifier: MIT
#include "open.hpp"

#include <utility>

namespace lull::detail {

bool open_file::await_suspend(suspended awaiting) {
  io_core& here = io_core::of(this_context(name));
  file_ = new file_state(here, path(), (flags_ & O_ACCMODE) != O_RDONLY);
  return path_operation::await_suspend(awaiting);
}

void open_file::prepare(submission entry) noexcept {
  entry.open(path().c_str(), flags_ | O_CLOEXEC, mode_);
}

result<file> open_file::await_resume() noexcept {
  const std::int32_t descriptor = end();
  if (descriptor < 0) return failed(-descriptor);
  file_->adopt(descriptor);
  ++file_->io().statistics.opened;
  return file(std::exchange(file_, nullptr));
}

}  // namespace lull::detail
