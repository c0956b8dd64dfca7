// SPDX-License-Identifier: MIT
#include "reply.hpp"

namespace kv {

void reply::line(char mark, std::string_view text) {
  char* at = to_.extend(text.size() + 3);
  *at++ = mark;
  for (const char c : text) *at++ = c == '\r' || c == '\n' ? ' ' : c;
  *at++ = '\r';
  *at = '\n';
  to_.commit(text.size() + 3);
}

void reply::error(std::string_view text) { line('-', text); }

}  // namespace kv
