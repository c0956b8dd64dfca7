// SPDX-License-Identifier: MIT
#include "assert.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lull::detail {

void stop(const char* file, int line, const char* sentence, ...) noexcept {
  // One buffer and one write, so that the sentence stays whole when threads stop at once.
  char text[1024];
  std::va_list arguments;
  va_start(arguments, sentence);
  std::vsnprintf(text, sizeof text, sentence, arguments);
  va_end(arguments);
  const char* slash = std::strrchr(file, '/');
  std::fprintf(stderr, "lull: %s (%s:%d)\n", text, slash != nullptr ? slash + 1 : file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace lull::detail
