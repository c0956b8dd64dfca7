// SPDX-License-Identifier: MIT
#include "read_commands.hpp"

#include <algorithm>

#include "write_commands.hpp"

namespace kv {
namespace {

// Slots that one SCAN, and one step of KEYS, looks at, and steps of the pattern, whichever come
// first: about 100 us. A key of many kilobytes may take longer, in proportion to its length.
constexpr std::size_t most_steps = 4096;
constexpr std::size_t most_glob_steps = std::size_t{64} << 10;
// Slots between two looks at the steps of the pattern.
constexpr std::size_t slots_at_once = 16;
// The low bits of a table's cursor are free: the core that the walk has come to lies there.
constexpr std::uint64_t core_bits = 0xffff;

// Goes on with a walk over the tables of all cores; returns the next cursor, 0 at the end.
template <class Visit>
std::uint64_t scan_all(const core_state& here, std::uint64_t cursor, std::size_t steps,
                       Visit visit) {
  const auto core = static_cast<unsigned>(cursor & core_bits);
  if (core >= here.keys.cores()) return 0;
  const std::uint64_t next =
      here.keys.of(core).scan(cursor & ~core_bits, steps, here.now_ms, visit);
  if (next != 0) return next | core;
  return core + 1 < here.keys.cores() ? core + 1 : 0;
}

// The same for as many slots, or fewer where the pattern has come to `glob_steps`.
template <class Visit>
std::uint64_t scan_portion(const core_state& here, std::uint64_t cursor, std::size_t slots,
                           const glob& pattern, std::size_t glob_steps, Visit visit) {
  do {
    const std::size_t now = std::min(slots, slots_at_once);
    cursor = scan_all(here, cursor, now, visit);
    slots -= now;
  } while (cursor != 0 && slots != 0 && pattern.steps() < glob_steps);
  return cursor;
}

void refuse_pattern(reply out) {
  out.error(
      "ERR the pattern takes too many steps for one of the keys; use fewer stars and shorter "
      "classes");
}

// Keys in the table that a cursor has come to.
std::size_t keys_at(const core_state& here, std::uint64_t cursor) noexcept {
  const auto core = static_cast<unsigned>(cursor & core_bits);
  return core < here.keys.cores() ? here.keys.of(core).size() : 0;
}

struct scan_options {
  std::string_view pattern = "*";
  std::string_view type = "string";
  std::int64_t count = 10;
};

// False: the refusal has been written.
bool read_scan_options(const arguments& words, scan_options& options, reply& out) {
  for (std::size_t at = 2; at < words.size(); at += 2) {
    const std::string_view word = words[at];
    const std::string_view value = at + 1 < words.size() ? words[at + 1] : std::string_view{};
    bool understood = at + 1 < words.size();
    if (equals_ignoring_case(word, "count") && understood) {
      const auto count = parse_integer(value);
      if (!count) {
        out.error(not_an_integer);
        return false;
      }
      understood = *count >= 1;
      options.count = *count;
    } else if (equals_ignoring_case(word, "match")) {
      options.pattern = value;
    } else if (equals_ignoring_case(word, "type")) {
      options.type = value;
    } else {
      understood = false;
    }
    if (!understood) {
      out.error(syntax_error);
      return false;
    }
  }
  return true;
}

}  // namespace

void answer_read(command which, const entry* found, std::int64_t now_ms, reply& out) {
  using enum command;
  switch (which) {
    case get:
      return found == nullptr ? out.null() : out.bulk(found->value());
    case command::strlen:
      return out.integer(found == nullptr ? 0 : static_cast<std::int64_t>(found->value().size()));
    case type:
      return out.status(found == nullptr ? "none" : "string");
    default:
      break;
  }
  if (found == nullptr) return out.integer(-2);
  // Loaded once: the owner may move it meanwhile, or take it away.
  const std::int64_t expire_at_ms = found->expire_at_ms();
  if (expire_at_ms == never) return out.integer(-1);
  const std::int64_t left = std::max<std::int64_t>(expire_at_ms - now_ms, 0);
  out.integer(which == ttl ? (left + 500) / 1000 : left);
}

void execute_read_keys(command which, const arguments& words, core_state& here, reply& out) {
  if (which == command::mget) out.array(words.size() - 1);
  std::int64_t present = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::uint64_t hash = here.keys.hash(words[i]);
    const entry* const found =
        here.keys.of(here.keys.owner_of(hash)).find({words[i], hash}, here.now_ms);
    found == nullptr ? here.counters.misses.add() : here.counters.hits.add();
    present += found == nullptr ? 0 : 1;
    if (which == command::mget) answer_read(command::get, found, here.now_ms, out);
  }
  if (which != command::mget) out.integer(present);
}

void execute_scan(const arguments& words, const core_state& here, byte_buffer& output) {
  reply out{output};
  const auto cursor = parse_cursor(words[1]);
  if (!cursor) return out.error("ERR invalid cursor");
  scan_options options;
  if (!read_scan_options(words, options, out)) return;
  byte_buffer keys;
  std::size_t found = 0;
  glob pattern{options.pattern};
  const bool wanted = equals_ignoring_case(options.type, "string");
  const auto visit = [&](std::string_view key, const entry&) {
    if (!wanted || !pattern.matches(key)) return;
    ++found;
    reply{keys}.bulk(key);
  };
  // Ten slots for each key asked for, so that a table that is nearly empty is walked in one go; a
  // core's table that is smaller than that leaves the rest to the next core's.
  const auto count = static_cast<std::size_t>(std::min<std::int64_t>(options.count, most_steps));
  std::size_t looked_at = 0;
  std::uint64_t next = *cursor;
  do {
    const std::size_t slots = 16 + 4 * keys_at(here, next);
    const std::uint64_t core = next & core_bits;
    next = scan_portion(here, next, count, pattern, most_glob_steps, visit);
    const bool goes_on = next != 0 && (next & core_bits) == core;
    looked_at += goes_on ? count : std::min(count, slots);
  } while (next != 0 && found < count && looked_at < std::min(count * 10, most_steps) &&
           pattern.steps() < most_glob_steps);
  if (pattern.given_up()) return refuse_pattern(out);
  out.array(2);
  out.bulk(std::to_string(next));
  out.array(found);
  output.append(keys.view());
}

bool key_walk::step(const core_state& here) {
  reply out{keys_};
  const std::size_t glob_steps = pattern_.steps() + most_glob_steps;
  const auto visit = [&](std::string_view key, const entry&) {
    if (!pattern_.matches(key)) return;
    ++found_;
    out.bulk(key);
  };
  cursor_ = scan_portion(here, cursor_, most_steps, pattern_, glob_steps, visit);
  return cursor_ != 0 && !pattern_.given_up();
}

void key_walk::finish(byte_buffer& output) {
  if (pattern_.given_up()) return refuse_pattern(reply{output});
  reply{output}.array(found_);
  output.append(keys_.view());
}

}  // namespace kv
