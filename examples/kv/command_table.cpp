// SPDX-License-Identifier: MIT
#include "command_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace kv {
namespace {

// In the order of the enumeration.
constexpr auto table = [] {
  using enum reach;
  return std::array{
      command_entry{"append", 3, write_key, true, 1, 1, 1, "string",
                    "Append a string to the value of a key"},
      command_entry{"auth", -2, session, false, 0, 0, 0, "connection",
                    "Authenticate the connection"},
      command_entry{"client", -2, session, false, 0, 0, 0, "connection",
                    "Name and describe connections"},
      command_entry{"command", -1, session, false, 0, 0, 0, "server", "Describe the commands"},
      command_entry{"config", -2, session, false, 0, 0, 0, "server", "Read the configuration"},
      command_entry{"dbsize", 1, database, false, 0, 0, 0, "server", "Count the keys"},
      command_entry{"decr", 2, write_key, true, 1, 1, 1, "string",
                    "Take one from the number at a key"},
      command_entry{"decrby", 3, write_key, true, 1, 1, 1, "string",
                    "Take a number from the number at a key"},
      command_entry{"del", -2, write_keys, false, 1, -1, 1, "generic", "Remove keys"},
      command_entry{"echo", 2, session, false, 0, 0, 0, "connection", "Send the argument back"},
      command_entry{"exists", -2, read_keys, false, 1, -1, 1, "generic",
                    "Count the keys that exist"},
      command_entry{"expire", -3, write_key, false, 1, 1, 1, "generic",
                    "Let a key expire in so many seconds"},
      command_entry{"expireat", -3, write_key, false, 1, 1, 1, "generic",
                    "Let a key expire at a second of Unix time"},
      command_entry{"flushall", -1, database, false, 0, 0, 0, "server", "Remove all keys"},
      command_entry{"flushdb", -1, database, false, 0, 0, 0, "server", "Remove all keys"},
      command_entry{"get", 2, read_key, false, 1, 1, 1, "string", "Read the value of a key"},
      command_entry{"getdel", 2, write_key, false, 1, 1, 1, "string",
                    "Read the value of a key and remove it"},
      command_entry{"getset", 3, write_key, true, 1, 1, 1, "string",
                    "Replace the value of a key and send the former one"},
      command_entry{"hello", -1, session, false, 0, 0, 0, "connection", "Greet the server"},
      command_entry{"host:", -1, session, false, 0, 0, 0, "server", "Refuse a lost web browser"},
      command_entry{"incr", 2, write_key, true, 1, 1, 1, "string",
                    "Add one to the number at a key"},
      command_entry{"incrby", 3, write_key, true, 1, 1, 1, "string",
                    "Add a number to the number at a key"},
      command_entry{"info", -1, session, false, 0, 0, 0, "server", "Describe the server"},
      command_entry{"keys", 2, database, false, 0, 0, 0, "generic",
                    "List the keys that match a pattern"},
      command_entry{"mget", -2, read_keys, false, 1, -1, 1, "string", "Read the values of keys"},
      command_entry{"mset", -3, write_keys, true, 1, -1, 2, "string", "Set the values of keys"},
      command_entry{"persist", 2, write_key, false, 1, 1, 1, "generic", "Let a key never expire"},
      command_entry{"pexpire", -3, write_key, false, 1, 1, 1, "generic",
                    "Let a key expire in so many milliseconds"},
      command_entry{"pexpireat", -3, write_key, false, 1, 1, 1, "generic",
                    "Let a key expire at a millisecond of Unix time"},
      command_entry{"ping", -1, session, false, 0, 0, 0, "connection",
                    "Ask whether anybody is there"},
      command_entry{"post", -1, session, false, 0, 0, 0, "server", "Refuse a lost web browser"},
      command_entry{"psetex", 4, write_key, true, 1, 1, 1, "string",
                    "Set the value of a key that expires in so many milliseconds"},
      command_entry{"pttl", 2, read_key, false, 1, 1, 1, "generic",
                    "Milliseconds until a key expires"},
      command_entry{"quit", -1, session, false, 0, 0, 0, "connection", "Close the connection"},
      command_entry{"reset", 1, session, false, 0, 0, 0, "connection", "Begin the session anew"},
      command_entry{"scan", -2, database, false, 0, 0, 0, "generic", "Walk over the keys"},
      command_entry{"select", 2, session, false, 0, 0, 0, "connection", "Choose database 0"},
      command_entry{"set", -3, write_key, true, 1, 1, 1, "string", "Set the value of a key"},
      command_entry{"setex", 4, write_key, true, 1, 1, 1, "string",
                    "Set the value of a key that expires in so many seconds"},
      command_entry{"setnx", 3, write_key, true, 1, 1, 1, "string",
                    "Set the value of a key that does not exist"},
      command_entry{"strlen", 2, read_key, false, 1, 1, 1, "string",
                    "Length of the value of a key"},
      command_entry{"touch", -2, read_keys, false, 1, -1, 1, "generic",
                    "Count the keys that exist"},
      command_entry{"ttl", 2, read_key, false, 1, 1, 1, "generic", "Seconds until a key expires"},
      command_entry{"type", 2, read_key, false, 1, 1, 1, "generic", "Kind of the value of a key"},
      command_entry{"unlink", -2, write_keys, false, 1, -1, 1, "generic", "Remove keys"},
  };
}();
static_assert(table.size() == static_cast<std::size_t>(command::unknown));

// The first eight bytes of a name as one word, in lower case: the bit of lower case is set in bytes
// that have the bit of letters, and so maps nothing but the two forms of a letter to a letter, and
// nothing to another byte of a name. The highest bit of each byte of the name is turned over, so
// that a zero byte in it is not the end of a shorter one.
constexpr std::uint64_t as_lower_case(std::uint64_t word, std::size_t size) noexcept {
  constexpr std::uint64_t letters = 0x4040404040404040;
  constexpr std::uint64_t highest = 0x8080808080808080;
  const std::uint64_t named = size >= 8 ? highest : highest & ((std::uint64_t{1} << 8 * size) - 1);
  return (word | (word & letters) >> 1) ^ named;
}
static_assert(std::all_of(table.begin(), table.end(), [](const command_entry& each) {
  return std::all_of(each.name.begin(), each.name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || c == ':'; });
}));

constexpr std::uint64_t word_of(std::string_view name) noexcept {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < name.size() && i < 8; ++i) {
    word |= std::uint64_t{static_cast<unsigned char>(name[i])} << (8 * i);
  }
  return as_lower_case(word, name.size());
}

template <class Word>
std::uint64_t load(const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

// The same for names that come with requests: loads that overlap, and no loop.
std::uint64_t load_word(std::string_view name) noexcept {
  static_assert(std::endian::native == std::endian::little);
  const char* const at = name.data();
  const std::size_t size = name.size();
  std::uint64_t word = 0;
  if (size >= 8) {
    word = load<std::uint64_t>(at);
  } else if (size >= 4) {
    word = load<std::uint32_t>(at) | load<std::uint32_t>(at + size - 4) << (8 * (size - 4));
  } else if (size > 0) {
    word = load<std::uint8_t>(at) | load<std::uint8_t>(at + size / 2) << (8 * (size / 2)) |
           load<std::uint8_t>(at + size - 1) << (8 * (size - 1));
  }
  return as_lower_case(word, size);
}

constexpr std::size_t buckets = 256;

constexpr std::size_t bucket_of(std::uint64_t word) noexcept {
  return static_cast<std::size_t>((word * 0x9e3779b97f4a7c15) >> 56);
}

struct name_index {
  std::array<std::uint64_t, buckets> words{};
  std::array<std::uint8_t, buckets> commands{};
};

constexpr name_index make_index() noexcept {
  name_index index{};
  index.commands.fill(static_cast<std::uint8_t>(command::unknown));
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::uint64_t word = word_of(table[i].name);
    std::size_t at = bucket_of(word);
    while (index.words[at] != 0) at = (at + 1) % buckets;
    index.words[at] = word;
    index.commands[at] = static_cast<std::uint8_t>(i);
  }
  return index;
}

constexpr name_index names = make_index();

}  // namespace

bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

command find_command(std::string_view name) noexcept {
  const std::uint64_t word = load_word(name);
  for (std::size_t at = bucket_of(word); names.words[at] != 0; at = (at + 1) % buckets) {
    if (names.words[at] != word) continue;
    const std::size_t found = names.commands[at];
    // The word is the whole name, and its length, up to seven bytes.
    const bool same = name.size() < 8 || equals_ignoring_case(name, table[found].name);
    return same ? static_cast<command>(found) : command::unknown;
  }
  return command::unknown;
}

const command_entry& entry_of(command which) noexcept {
  return table[static_cast<std::size_t>(which)];
}

std::span<const command_entry> all_commands() noexcept { return table; }

}  // namespace kv
