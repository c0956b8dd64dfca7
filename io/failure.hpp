// SPDX-License-Identifier: MIT
#pragma once

// Why an operation failed: the error of the kernel, what was being done, and with whom or with
// which file. A value, cheap to make and to pass on; the sentence is built only when somebody asks
// for it. Any thread.

#include <cstdint>
#include <string>
#include <system_error>

#include "path_text.hpp"
#include "peer_name.hpp"

namespace lull {

struct failure {
  // What it was done with: for the sentence, and for what the error means there.
  enum class thing : std::uint8_t { peer, path, descriptor, pipe, event, signals, process, futex };

  // `code` is an errno; `operation` a literal, such as "receive".
  failure(int error, const char* what, const peer_name& with = {}) noexcept
      : code(error), operation(what), peer(with) {}
  failure(int error, const char* what, const path_text& with) noexcept
      : code(error), of(thing::path), operation(what), path(with) {}
  failure(int error, const char* what, const path_text& with, thing kind) noexcept
      : code(error), of(kind), operation(what), path(with) {}
  failure(int error, const char* what, thing with, int descriptor = -1) noexcept
      : code(error), of(with), operation(what), number(descriptor) {}
  // With a cause and a remedy of its own, a literal, in place of those that are known of the error;
  // null: with those. `with` may be the name of something that is no file.
  failure(int error, const char* what, const path_text& with, const char* why) noexcept
      : code(error), of(thing::path), operation(what), reason(why), path(with) {}
  failure(int error, const char* what, const peer_name& with, const char* why) noexcept
      : code(error), operation(what), reason(why), peer(with) {}

  int code;
  thing of = thing::peer;
  const char* operation;
  const char* reason = nullptr;
  peer_name peer;
  int number = -1;  // of a descriptor that is somebody else's
  path_text path;

  std::error_code error() const noexcept { return {code, std::generic_category()}; }
  // Operation, peer or path, what the error says, and the likely cause and remedy where they are
  // known.
  std::string message() const;
};

namespace detail {

// "pipe"; of what has a path "file".
const char* noun_of(failure::thing what) noexcept;
// Out of line, for failures are rare and their code would be everywhere.
void destroy(failure& one) noexcept;
void move_to(failure& place, failure& from) noexcept;
// What result::value() throws: a std::system_error with the failure's message.
[[noreturn]] void throw_failure(const failure& why);
// A result was used as a value although it holds none: stops the program.
[[noreturn]] void stop_for_failure(const failure& why) noexcept;

}  // namespace detail
}  // namespace lull
