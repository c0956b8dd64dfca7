// SPDX-License-Identifier: MIT
#pragma once

// Reading from a file, and writing to it, at an offset, in a buffer of registered_buffers: as
// read.hpp and write.hpp do in other memory. The buffer cannot be given back meanwhile. Use file's
// functions, which make these.

#include <sys/uio.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "file_operation.hpp"
#include "in_whole.hpp"
#include "registered_buffers.hpp"

namespace lull::detail {

// `Base` is that of the operation in other memory.
template <class Derived, class Base>
class registered_transfer : public Base {
 public:
  registered_transfer(file_state& file, const registered_bytes& bytes,
                      std::uint64_t offset) noexcept
      : Base(file), all_(bytes), offset_(offset) {}

  bool await_suspend(suspended awaiting) noexcept {
    all_.begin_use(Derived::name);
    return Base::await_suspend(awaiting);
  }
  auto await_resume() noexcept {
    all_.end_use();
    return Base::await_resume();
  }

  // Of what is moved in whole.
  void advance(std::size_t bytes) noexcept { done_ += bytes; }
  bool done() const noexcept { return done_ == all_.size(); }
  // Of what is read at once.
  std::size_t asked() const noexcept { return all_.size(); }
  std::uint64_t offset() const noexcept { return offset_; }

 protected:
  void prepare_read(submission entry) const noexcept {
    left().read(entry, this->file().descriptor(), offset_ + done_);
  }
  void prepare_write(submission entry, int flags) const noexcept {
    left().write(entry, this->file().descriptor(), offset_ + done_, flags);
  }

 private:
  registered_bytes left() const noexcept { return all_.subspan(done_, all_.size() - done_); }

  registered_bytes all_;
  std::uint64_t offset_;
  std::size_t done_ = 0;
};

template <class Derived>
using registered_some = registered_transfer<Derived, file_transfer<Derived>>;
template <class Derived>
using registered_reading = registered_transfer<Derived, file_reading<Derived>>;
template <class Derived>
using registered_whole = registered_transfer<Derived, in_whole<Derived, file_operation<Derived>>>;

class [[nodiscard]] read_registered : public registered_reading<read_registered> {
 public:
  using registered_transfer::registered_transfer;
  static constexpr const char* name = "read";

  void prepare(submission entry) noexcept { prepare_read(entry); }
};

class [[nodiscard]] read_registered_whole : public registered_whole<read_registered_whole> {
 public:
  using registered_transfer::registered_transfer;
  static constexpr const char* name = "read_exactly";
  static constexpr int no_progress = ENODATA;

  void prepare(submission entry) noexcept { prepare_read(entry); }
};

class [[nodiscard]] write_registered : public registered_some<write_registered> {
 public:
  using registered_transfer::registered_transfer;
  static constexpr const char* name = "write";

  void prepare(submission entry) noexcept { prepare_write(entry, 0); }
};

class [[nodiscard]] write_registered_whole : public registered_whole<write_registered_whole> {
 public:
  using registered_transfer::registered_transfer;
  static constexpr const char* name = "write_all";
  static constexpr int no_progress = EIO;

  void prepare(submission entry) noexcept { prepare_write(entry, 0); }
};

class [[nodiscard]] write_registered_durable : public registered_whole<write_registered_durable> {
 public:
  using registered_transfer::registered_transfer;
  static constexpr const char* name = "write_durably";
  static constexpr int no_progress = EIO;

  void prepare(submission entry) noexcept { prepare_write(entry, RWF_DSYNC); }
};

}  // namespace lull::detail
