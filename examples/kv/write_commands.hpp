// SPDX-License-Identifier: MIT
#pragma once

// The commands that change keys, executed by the core that owns the key. They take the words of the
// request where they lie, write one reply, and never suspend.

#include <cstddef>
#include <cstdint>

#include "command_table.hpp"
#include "reply.hpp"
#include "request_parser.hpp"
#include "store.hpp"

namespace kv {

struct write_context {
  store& keys;
  std::int64_t now_ms;         // Unix time
  std::size_t value_size_max;  // what APPEND may grow a value to
  bool memory_is_full;         // commands that need memory are refused
};

// Executes a command of reach write_key, or one of reach write_keys with a single key, whose hash
// is given. The number of words has been checked. Throws std::bad_alloc with nothing changed, but
// perhaps the beginning of a reply written.
void execute_write(command which, const arguments& words, std::uint64_t hash,
                   const write_context& context, reply out);

// The same at the end of `output`; where memory runs out, the reply is a refusal. Throws
// std::bad_alloc with nothing changed where there is none for a refusal either.
void execute_write_or_refuse(command which, const arguments& words, std::uint64_t hash,
                             const write_context& context, byte_buffer& output);

inline constexpr std::string_view out_of_memory =
    "OOM command not allowed when used memory > 'maxmemory'.";
// Whether the reply may be the former value, and so as long as that is.
bool sends_former_value(command which, const arguments& words) noexcept;

// Room for the reply to what has been done, and for a refusal: what is reserved before a change, so
// that no reply can fail behind it. The reply with a former value is written before the change.
inline constexpr std::size_t short_reply = 64;
static_assert(short_reply >= out_of_memory.size() + 3);

inline constexpr std::string_view not_an_integer = "ERR value is not an integer or out of range";
inline constexpr std::string_view syntax_error = "ERR syntax error";

}  // namespace kv
