// SPDX-License-Identifier: MIT
#include "assert.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace lull::detail {
namespace {

thread_local const said_at_stop* last_said = nullptr;

}  // namespace

said_at_stop::said_at_stop(function call, void* state) noexcept
    : say_(call), state_(state), before_(std::exchange(last_said, this)) {}

said_at_stop::~said_at_stop() { last_said = before_; }

void stop(const char* file, int line, const char* sentence, ...) noexcept {
  // One buffer and one write, so that the sentence stays whole when threads stop at once.
  char text[1024];
  std::va_list arguments;
  va_start(arguments, sentence);
  std::vsnprintf(text, sizeof text, sentence, arguments);
  va_end(arguments);
  const char* slash = std::strrchr(file, '/');
  std::fprintf(stderr, "lull: %s (%s:%d)\n", text, slash != nullptr ? slash + 1 : file, line);
  if (last_said != nullptr) last_said->say();
  std::fflush(stderr);
  std::abort();
}

}  // namespace lull::detail
