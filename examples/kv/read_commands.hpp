// SPDX-License-Identifier: MIT
#pragma once

// The commands that look at one key, answered by whichever core the client is connected to, and the
// patterns and cursors of those that look at all. Nothing is changed, nothing suspends; GET costs
// one lookup and one copy of the value into the reply.

#include <cstdint>
#include <optional>
#include <string_view>

#include "command_table.hpp"
#include "core_state.hpp"
#include "glob.hpp"
#include "reply.hpp"
#include "request_parser.hpp"

namespace kv {

// Answers a command of reach read_key from the entry that its key has, or null.
void answer_read(command which, const entry* found, std::int64_t now_ms, reply& out);

// MGET, EXISTS and TOUCH.
void execute_read_keys(command which, const arguments& words, core_state& here, reply& out);

// SCAN, which looks at a bounded number of slots, whatever COUNT the client asks for. A pattern
// that takes too many steps for a key, in SCAN and in KEYS, is refused when it comes to that key.
void execute_scan(const arguments& words, const core_state& here, byte_buffer& output);

// A walk over all keys of all cores in bounded steps, for KEYS.
class key_walk {
 public:
  explicit key_walk(std::string_view pattern) noexcept : pattern_(pattern) {}
  // False once all has been seen. The pattern's bytes must stay until then.
  bool step(const core_state& here);
  // The reply to KEYS, after the last step.
  void finish(byte_buffer& output);

 private:
  glob pattern_;
  std::uint64_t cursor_ = 0;
  std::size_t found_ = 0;
  byte_buffer keys_;
};

}  // namespace kv
