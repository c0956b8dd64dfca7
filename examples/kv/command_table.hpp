// SPDX-License-Identifier: MIT
#pragma once

// The commands that the server knows: name, number of words, and what each touches, which decides
// where it runs. Constant data, readable by any thread; a lookup hashes the first eight bytes
// of the name. It executes nothing.

#include <cstdint>
#include <span>
#include <string_view>

namespace kv {

enum class command : std::uint8_t {
  append,
  auth,
  client,
  command,
  config,
  dbsize,
  decr,
  decrby,
  del,
  echo,
  exists,
  expire,
  expireat,
  flushall,
  flushdb,
  get,
  getdel,
  getset,
  hello,
  host,
  incr,
  incrby,
  info,
  keys,
  mget,
  mset,
  persist,
  pexpire,
  pexpireat,
  ping,
  post,
  psetex,
  pttl,
  quit,
  reset,
  scan,
  select,
  set,
  setex,
  setnx,
  strlen,
  touch,
  ttl,
  type,
  unlink,
  unknown
};

// What a command touches, and so where it is executed.
enum class reach : std::uint8_t {
  read_key,    // one key: any core reads it in the owner's table
  write_key,   // one key: the owner's core executes it
  read_keys,   // several keys, read as above
  write_keys,  // several keys: each owner executes its part
  database,    // all keys of all cores
  session,     // this connection or this server, no key
};

struct command_entry {
  std::string_view name;  // lower case
  std::int8_t arity;      // words with the name; negative: at least that many
  reach touches;
  bool grows;             // refused while the memory limit is exceeded
  std::int8_t first_key;  // 0: none
  std::int8_t last_key;   // -1: up to the last word
  std::int8_t key_step;
  std::string_view group;
  std::string_view summary;
};

// The command that `name` is, in any mix of upper and lower case.
command find_command(std::string_view name) noexcept;
const command_entry& entry_of(command which) noexcept;
std::span<const command_entry> all_commands() noexcept;

inline bool arity_fits(const command_entry& entry, std::size_t words) noexcept {
  const auto arity = static_cast<std::size_t>(entry.arity < 0 ? -entry.arity : entry.arity);
  return entry.arity < 0 ? words >= arity : words == arity;
}

// True where `text` is `lower`, which is in lower case, in any mix of cases.
bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept;

}  // namespace kv
