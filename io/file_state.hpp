// SPDX-License-Identifier: MIT
#pragma once

// An open file on its core, or what is read and written like one (an end of a pipe): a
// descriptor_state that is counted, and knows its path, if it has one, for messages. What is in
// flight on it ends by a cancel, or by itself where the device does not let go: closing waits for
// that.

#include <cstdint>

#include "../base/intrusive_list.hpp"
#include "descriptor_state.hpp"
#include "failure.hpp"
#include "limits.hpp"
#include "path_text.hpp"

namespace lull::detail {

class file_state final : public descriptor_state {
 public:
  // Made before the file is opened, so that a descriptor is never lost for memory.
  file_state(io_core& on, const path_text& path, bool writable) noexcept
      : descriptor_state(on, -1), writable_(writable), path_(path) {
    ++io().statistics.files;
  }
  // What has no path; owns `descriptor` from here on.
  file_state(io_core& on, failure::thing kind, int descriptor) noexcept
      : descriptor_state(on, descriptor), kind_(kind) {
    ++io().statistics.files;
  }
  ~file_state() override { --io().statistics.files; }

  using descriptor_state::adopt;
  const path_text& path() const noexcept { return path_; }
  failure failed(int code, const char* operation) const noexcept {
    return kind_ == failure::thing::path ? failure(code, operation, path_)
                                         : failure(code, operation, kind_);
  }
  // An operation has prepared its submission.
  void has_begun(const completion_target& operation) noexcept {
    if (--until_look_ == 0) look_at(operation);
  }
  // The owner goes. Stops the program when an operation on the file has not ended.
  void drop() noexcept;

 protected:
  const char* noun() const noexcept override { return noun_of(kind_); }
  void let_go() noexcept override {}
  // The last close of a file frees what it has where no name is left, and may write.
  void close_by(submission entry) noexcept override {
    if (writable_) {
      entry.close_elsewhere(descriptor());
    } else {
      entry.close(descriptor());
    }
  }

 private:
  void look_at(const completion_target& operation) noexcept;

  failure::thing kind_ = failure::thing::path;
  bool writable_ = false;  // opened so; what has no path (an end of a pipe) is quick to close
  // Operations that wait for each other before they are submitted, and those until one is looked
  // at; neither is more than limits::most_together.
  std::uint8_t together_ = limits::least_together;
  std::uint8_t until_look_ = limits::first_look;
  path_text path_;
};

struct drop_file {
  void operator()(file_state* file) const noexcept { file->drop(); }
};

}  // namespace lull::detail
