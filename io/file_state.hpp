// SPDX-License-Identifier: MIT
#pragma once

// An open file on its core: a descriptor_state that is counted and knows its path. What is in
// flight on it ends by a cancel, or by itself where the device does not let go: closing waits for
// that.

#include "descriptor_state.hpp"
#include "path_text.hpp"

namespace lull::detail {

class file_state final : public descriptor_state {
 public:
  // Made before the file is opened, so that a descriptor is never lost for memory.
  file_state(io_core& on, const path_text& path) noexcept : descriptor_state(on, -1), path_(path) {
    ++io().statistics.files;
  }
  ~file_state() override { --io().statistics.files; }

  using descriptor_state::adopt;
  const path_text& path() const noexcept { return path_; }
  // The owner goes. Stops the program when an operation on the file has not ended.
  void drop() noexcept;

 protected:
  const char* noun() const noexcept override { return "file"; }
  void let_go() noexcept override {}
  void end_operations(submission entry) noexcept override { entry.nop(); }

 private:
  path_text path_;
};

struct drop_file {
  void operator()(file_state* file) const noexcept { file->drop(); }
};

}  // namespace lull::detail
