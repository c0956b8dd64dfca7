// SPDX-License-Identifier: MIT
#include "write_commands.hpp"

#include <limits>
#include <new>
#include <string>
#include <utility>

#include "expiry.hpp"

namespace kv {
namespace {

// One command at work: what all of them need at hand.
struct write {
  const arguments& words;
  hashed_key key;
  const write_context& context;
  reply& out;

  const entry* find() const { return context.keys.find_own(key, context.now_ms); }
  void put(bytes value, std::int64_t expire_at_ms) const {
    context.keys.put(key, std::move(value), expire_at_ms);
  }
  void send(const entry* found) const { found == nullptr ? out.null() : out.bulk(found->value()); }
};

void invalid_expire_time(const write& self, std::string_view name) {
  self.out.error("ERR invalid expire time in '" + std::string{name} + "' command");
}

// The expiry that `text` means for `name`; nothing: the refusal has been written.
std::optional<std::int64_t> read_expiry(const write& self, std::string_view text, expiry_form form,
                                        std::string_view name) {
  const auto number = parse_integer(text);
  if (!number) {
    self.out.error(not_an_integer);
    return std::nullopt;
  }
  const auto at_ms = set_expiry(*number, form, self.context.now_ms);
  if (!at_ms) invalid_expire_time(self, name);
  return at_ms;
}

void set_with_options(const write& self) {
  const auto options = parse_set_options(self.words);
  if (!options) return self.out.error(syntax_error);
  std::int64_t expire_at_ms = never;
  if (options->form) {
    const auto at_ms = read_expiry(self, options->time, *options->form, "set");
    if (!at_ms) return;
    expire_at_ms = *at_ms;
  }
  const entry* const found = self.find();
  const bool refused =
      (options->only_new && found != nullptr) || (options->only_present && found == nullptr);
  // Copied before the entry is replaced: putting may throw, and then the reply is the exception's.
  bytes value{refused ? std::string_view{} : self.words[2]};
  if (options->send_former) self.send(found);
  if (refused) {
    if (!options->send_former) self.out.null();
    return;
  }
  if (options->keep_expiry && found != nullptr) expire_at_ms = found->expire_at_ms();
  self.put(std::move(value), expire_at_ms);
  if (!options->send_former) self.out.ok();
}

void set(const write& self) {
  if (self.words.size() > 3) return set_with_options(self);
  self.put(bytes{self.words[2]}, never);
  self.out.ok();
}

void set_expiring(const write& self, time_unit unit, std::string_view name) {
  const auto at_ms = read_expiry(self, self.words[2], {unit, time_base::now}, name);
  if (!at_ms) return;
  self.put(bytes{self.words[3]}, *at_ms);
  self.out.ok();
}

void set_if_new(const write& self) {
  const bool is_new = self.find() == nullptr;
  if (is_new) self.put(bytes{self.words[2]}, never);
  self.out.integer(is_new ? 1 : 0);
}

void get_and_set(const write& self) {
  self.send(self.find());
  self.put(bytes{self.words[2]}, never);
}

void get_and_delete(const write& self) {
  self.send(self.find());
  self.context.keys.remove(self.key, self.context.now_ms);
}

void add(const write& self, std::int64_t amount) {
  const entry* const found = self.find();
  const auto former = found == nullptr ? std::int64_t{0} : parse_integer(found->value());
  if (!former) return self.out.error(not_an_integer);
  std::int64_t sum = 0;
  if (__builtin_add_overflow(*former, amount, &sum)) {
    return self.out.error("ERR increment or decrement would overflow");
  }
  char digits[integer_text_max];
  self.put(bytes{{digits, format_integer(sum, digits)}},
           found == nullptr ? never : found->expire_at_ms());
  self.out.integer(sum);
}

void add_given(const write& self, bool subtract) {
  const auto amount = parse_integer(self.words[2]);
  if (!amount) return self.out.error(not_an_integer);
  if (subtract && *amount == std::numeric_limits<std::int64_t>::min()) {
    return self.out.error("ERR decrement would overflow");
  }
  add(self, subtract ? -*amount : *amount);
}

void append(const write& self) {
  const entry* const found = self.find();
  const std::string_view former = found == nullptr ? std::string_view{} : found->value();
  const std::string_view more = self.words[2];
  if (more.size() > self.context.value_size_max ||
      former.size() > self.context.value_size_max - more.size()) {
    return self.out.error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
  }
  self.put(bytes{former, more}, found == nullptr ? never : found->expire_at_ms());
  self.out.integer(static_cast<std::int64_t>(former.size() + more.size()));
}

bool expire_is_wanted(const expire_options& options, std::int64_t former, std::int64_t at_ms) {
  if (options.only_without && former != never) return false;
  if (options.only_with && former == never) return false;
  if (options.only_later && (former == never || at_ms <= former)) return false;
  return !(options.only_earlier && former != never && at_ms >= former);
}

void expire(const write& self, expiry_form form, std::string_view name) {
  expire_options options;
  std::string complaint;
  if (!parse_expire_options(self.words, options, complaint)) return self.out.error(complaint);
  const auto number = parse_integer(self.words[2]);
  if (!number) return self.out.error(not_an_integer);
  const auto at_ms = expire_expiry(*number, form, self.context.now_ms);
  if (!at_ms) return invalid_expire_time(self, name);
  const entry* const found = self.find();
  if (found == nullptr || !expire_is_wanted(options, found->expire_at_ms(), *at_ms)) {
    return self.out.integer(0);
  }
  if (*at_ms <= self.context.now_ms) {
    self.context.keys.remove(self.key, self.context.now_ms);
  } else {
    self.context.keys.expire_at(*found, *at_ms);
  }
  self.out.integer(1);
}

void persist(const write& self) {
  const entry* const found = self.find();
  const bool expires = found != nullptr && found->expire_at_ms() != never;
  if (expires) self.context.keys.expire_at(*found, never);
  self.out.integer(expires ? 1 : 0);
}

}  // namespace

void execute_write(command which, const arguments& words, std::uint64_t hash,
                   const write_context& context, reply out) {
  using enum command;
  using enum time_unit;
  out.reserve(short_reply);
  if (context.memory_is_full && entry_of(which).grows) return out.error(out_of_memory);
  const write self{words, {words[1], hash}, context, out};
  switch (which) {
    case command::set:
      return kv::set(self);
    case mset:
      return kv::set(self);
    case setex:
      return set_expiring(self, seconds, "setex");
    case psetex:
      return set_expiring(self, milliseconds, "psetex");
    case setnx:
      return set_if_new(self);
    case getset:
      return get_and_set(self);
    case getdel:
      return get_and_delete(self);
    case incr:
      return add(self, 1);
    case decr:
      return add(self, -1);
    case incrby:
      return add_given(self, false);
    case decrby:
      return add_given(self, true);
    case command::append:
      return kv::append(self);
    case command::expire:
      return kv::expire(self, {seconds, time_base::now}, "expire");
    case pexpire:
      return kv::expire(self, {milliseconds, time_base::now}, "pexpire");
    case expireat:
      return kv::expire(self, {seconds, time_base::unix_epoch}, "expireat");
    case pexpireat:
      return kv::expire(self, {milliseconds, time_base::unix_epoch}, "pexpireat");
    case command::persist:
      return kv::persist(self);
    case del:
    case unlink:
      return out.integer(context.keys.remove(self.key, context.now_ms) ? 1 : 0);
    default:
      return out.error("ERR internal error: a command that does not write came here");
  }
}

bool sends_former_value(command which, const arguments& words) noexcept {
  if (which == command::getset || which == command::getdel) return true;
  if (which != command::set) return false;
  for (std::size_t at = 3; at < words.size(); ++at) {
    if (equals_ignoring_case(words[at], "get")) return true;
  }
  return false;
}

void execute_write_or_refuse(command which, const arguments& words, std::uint64_t hash,
                             const write_context& context, byte_buffer& output) {
  const std::size_t start = output.size();
  output.reserve_more(short_reply);
  try {
    execute_write(which, words, hash, context, reply{output});
  } catch (const std::bad_alloc&) {
    output.resize_down(start);
    reply{output}.error(out_of_memory);
  }
}

}  // namespace kv
