// SPDX-License-Identifier: MIT
#pragma once

// Bases of the operations that one submission on an open file does. Derive as from
// operation<Derived>; of file_operation, end await_resume with end().

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "descriptor_operation.hpp"
#include "file_state.hpp"
#include "result.hpp"

namespace lull::detail {

template <class Derived>
class file_operation : public descriptor_operation<Derived, file_state> {
 public:
  bool await_suspend(suspended awaiting) noexcept {
    ++file().io().statistics.file_operations;
    const bool begun = descriptor_operation<Derived, file_state>::await_suspend(awaiting);
    if (begun) file().has_begun(*this);
    return begun;
  }

 protected:
  explicit file_operation(file_state& file) noexcept
      : descriptor_operation<Derived, file_state>(file) {}

  file_state& file() const noexcept { return this->state(); }
  failure failed(int code) const noexcept { return file().failed(code, Derived::name); }
};

// One that gives nothing but its success.
template <class Derived>
class file_action : public file_operation<Derived> {
 public:
  result<void> await_resume() noexcept {
    const std::int32_t code = this->end();
    if (code < 0) return this->failed(-code);
    return {};
  }

 protected:
  using file_operation<Derived>::file_operation;
};

// One that gives how many bytes it moved.
template <class Derived>
class file_transfer : public file_operation<Derived> {
 public:
  result<std::size_t> await_resume() noexcept {
    const std::int32_t bytes = this->end();
    if (bytes < 0) return this->failed(-bytes);
    return static_cast<std::size_t>(bytes);
  }

 protected:
  using file_operation<Derived>::file_operation;
};

// Whether there are bytes from that offset on, of what has offsets (no pipe, socket or terminal).
bool has_bytes_at(int descriptor, std::uint64_t offset) noexcept;

// One that gives how many bytes it read. The kernel cuts one short that is cancelled, by a stop
// or a close, as it waits for the disk: that is no end of the file, and whoever was stopped can
// read again. Derive with `std::size_t asked() const` and `std::uint64_t offset() const`.
template <class Derived>
class file_reading : public file_transfer<Derived> {
 public:
  result<std::size_t> await_resume() noexcept {
    const auto& me = static_cast<const Derived&>(*this);
    const std::int32_t got = this->answer();
    const bool cut =
        (this->was_cancelled() || closed_before_) && got > 0 && std::cmp_less(got, me.asked()) &&
        has_bytes_at(this->file().descriptor(), me.offset() + static_cast<std::uint32_t>(got));
    result<std::size_t> bytes = file_transfer<Derived>::await_resume();
    if (cut) return this->failed(ECANCELED);
    return bytes;
  }

 protected:
  explicit file_reading(file_state& file) noexcept : file_transfer<Derived>(file) {
    this->complete = &file_reading::have_read;
  }

 private:
  static void have_read(completion_target& self, completion what) noexcept {
    auto& me = static_cast<file_reading&>(self);
    me.closed_before_ = !me.file().open();
    file_transfer<Derived>::step(self, what);
  }

  bool closed_before_ = false;  // it was being closed when the kernel answered
};

}  // namespace lull::detail
