// SPDX-License-Identifier: MIT
#include "session.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "read_commands.hpp"
#include "write_commands.hpp"

namespace kv {
namespace {

// Replies that have become this long leave before the next request is looked at.
constexpr std::size_t output_enough = std::size_t{128} << 10;

}  // namespace

session::session(core_state& here, std::string peer, int descriptor)
    : here_(here),
      parser_(here.server.limits.request),
      id_(here.server.last_session_id.fetch_add(1, std::memory_order_relaxed) + 1),
      started_ms_(here.now_ms),
      place_(here.sessions.size()),
      descriptor_(descriptor),
      peer_(std::move(peer)) {
  here_.sessions.push_back(this);
  here_.counters.connections_made.add();
}

session::~session() {
  session* const last = here_.sessions.back();
  here_.sessions[place_] = last;
  last->place_ = place_;
  here_.sessions.pop_back();
  here_.counters.connections_ended.add();
}

session::pause session::process(const char*& at, const char* end) {
  if (output_.capacity() == 0) output_ = here_.take_buffer();
  const char* const begin = at;
  const pause reason = process_all(at, end);
  here_.counters.bytes_in.add(static_cast<std::size_t>(at - begin));
  return reason;
}

session::pause session::process_all(const char*& at, const char* end) {
  if (output_.size() >= output_enough && !has_pending_writes()) return pause::send;
  get_batch gets;
  while (at != end) {
    const request_parser::outcome found = parser_.parse(at, end);
    if (found == request_parser::outcome::request) [[likely]] {
      const arguments words = parser_.words();
      const command which = find_command(words[0]);
      if (which == command::get && may_batch(words)) [[likely]] {
        at += parser_.consumed();
        add_get(gets, words[1], at);
        if (!gets.full()) continue;
        if (!answer(gets, at)) return pause::send;
      } else {
        if (!answer(gets, at)) return pause::send;
        const next then = execute_or_refuse(which, words);
        if (then == next::retry_after_writes) return pause::finish_writes;
        at += parser_.consumed();
        if (then == next::stop) return reason_;
      }
      const bool waits = has_pending_writes();
      if (output_.size() + (waits ? writes_->expected() : 0) < output_enough) continue;
      return waits ? pause::finish_writes : pause::send;
    }
    if (found == request_parser::outcome::incomplete) break;
    if (found == request_parser::outcome::refused) {
      if (!answer(gets, at)) return pause::send;
      at = end;
      here_.counters.errors.add();
      out().error(parser_.complaint());
      return pause::close;
    }
    at += parser_.consumed();
  }
  return answer(gets, at) ? pause::need_input : pause::send;
}

// A GET whose words lie in the input, and which no write has to come before.
bool session::may_batch(const arguments& words) const noexcept {
  return words.size() == 2 && !has_pending_writes() && !parser_.words_are_unquoted_copies();
}

void session::add_get(get_batch& gets, std::string_view key, const char* behind) noexcept {
  const std::uint64_t hash = here_.keys.hash(key);
  gets.add({key, hash}, here_.keys.of(here_.keys.owner_of(hash)), behind);
  last_ = command::get;
}

// False: the output is large enough, and `at` has gone back to the first GET that was not answered.
bool session::answer(get_batch& gets, const char*& at) {
  if (gets.empty()) return true;
  const std::size_t count = gets.size();
  try {
    const char* const rest = gets.answer(here_, output_, output_enough);
    if (rest == nullptr) return true;
    at = rest;
    parser_.restart();
    return false;
  } catch (const std::bad_alloc&) {
    for (std::size_t i = 0; i < count; ++i) out().error(out_of_memory);
    return true;
  }
}

session::next session::execute_or_refuse(command which, const arguments& words) {
  const std::size_t start = output_.size();
  output_.reserve_more(short_reply);
  try {
    const next then = execute(which, words);
    if (then != next::retry_after_writes) here_.counters.commands.add();
    return then;
  } catch (const std::bad_alloc&) {
    output_.resize_down(start);
    out().error(out_of_memory);
    return next::go_on;
  }
}

session::next session::execute(command which, const arguments& words) {
  last_ = which;
  if (which == command::unknown) {
    refuse_unknown(words);
    return next::go_on;
  }
  const command_entry& entry = entry_of(which);
  if (!arity_fits(entry, words.size())) {
    refuse_words(entry.name);
    return next::go_on;
  }
  switch (entry.touches) {
    case reach::read_key:
      return read_key(which, words);
    case reach::write_key:
      return write_key(which, words);
    case reach::session:
      return session_command(which, words);
    case reach::read_keys:
    case reach::write_keys:
    case reach::database:
      break;
  }
  if (has_pending_writes()) return next::retry_after_writes;
  if (entry.touches == reach::write_keys) return write_keys(which, words);
  if (entry.touches == reach::database) return database_command(which, words);
  reply to{output_};
  execute_read_keys(which, words, here_, to);
  return next::go_on;
}

session::next session::read_key(command which, const arguments& words) {
  const hashed_key key{words[1], here_.keys.hash(words[1])};
  const unsigned owner = here_.keys.owner_of(key.hash);
  if (owner != here_.index && has_pending_writes() && writes_->writes_to(key.hash)) {
    return next::retry_after_writes;
  }
  const entry* const found = here_.keys.of(owner).find(key, here_.now_ms);
  found == nullptr ? here_.counters.misses.add() : here_.counters.hits.add();
  reply to{output_};
  if (which == command::get && found != nullptr) [[likely]] {
    to.bulk(found->value());
  } else {
    answer_read(which, found, here_.now_ms, to);
  }
  return next::go_on;
}

session::next session::write_key(command which, const arguments& words) {
  const std::uint64_t hash = here_.keys.hash(words[1]);
  const unsigned owner = here_.keys.owner_of(hash);
  if (owner == here_.index) {
    execute_write(which, words, hash, here_.writing(), out());
    return next::go_on;
  }
  if (writes_ == nullptr) writes_ = here_.take_round();
  if (writes_->full()) return next::retry_after_writes;
  writes_->add(which, words, hash, owner, output_.size());
  if (sends_former_value(which, words)) writes_->expect(former_size(words, hash));
  // What an inline command says lies in the parser, where the next one will overwrite it.
  return parser_.words_are_unquoted_copies() ? stop_for(pause::finish_writes) : next::go_on;
}

// About how long a reply with the former value will be: that of now, or what the request before it
// in the round may have set, taken to be as long as what this one sets.
std::size_t session::former_size(const arguments& words, std::uint64_t hash) const noexcept {
  const store& owner = here_.keys.of(here_.keys.owner_of(hash));
  const entry* const found = owner.find({words[1], hash}, here_.now_ms);
  return std::max(found == nullptr ? 0 : found->value().size(),
                  words.size() > 2 ? words[2].size() : 0);
}

session::next session::write_keys(command which, const arguments& words) {
  const bool sets = which == command::mset;
  if (sets && words.size() % 2 == 0) {
    refuse_words("mset");
    return next::go_on;
  }
  if (words.size() == (sets ? 3 : 2)) return write_key(which, words);
  if (sets && here_.writing().memory_is_full) {
    out().error(out_of_memory);
    return next::go_on;
  }
  return spread_out(sets ? spread_kind::set_keys : spread_kind::remove_keys, words);
}

session::next session::database_command(command which, const arguments& words) {
  switch (which) {
    case command::dbsize:
      out().integer(static_cast<std::int64_t>(here_.keys.size()));
      return next::go_on;
    case command::scan:
      execute_scan(words, here_, output_);
      return next::go_on;
    case command::keys:
      walk_ = std::make_unique<key_walk>(words[1]);
      return stop_for(pause::walk);
    default:
      break;
  }
  const bool good =
      words.size() == 1 || (words.size() == 2 && (equals_ignoring_case(words[1], "async") ||
                                                  equals_ignoring_case(words[1], "sync")));
  if (good) return spread_out(spread_kind::remove_all, words);
  out().error(syntax_error);
  return next::go_on;
}

// Does it here and now where this core owns all of it.
session::next session::spread_out(spread_kind kind, const arguments& words) {
  auto work = std::make_unique<spread>(kind, words, here_);
  bool others = false;
  for (unsigned core = 0; core < here_.keys.cores(); ++core) {
    others |= core != here_.index && work->concerns(core);
  }
  if (!others) {
    work->execute(here_);
    work->finish(output_);
    return next::go_on;
  }
  spread_ = std::move(work);
  return stop_for(pause::spread);
}

void session::merge_writes() {
  byte_buffer spare = here_.take_buffer();
  writes_->merge(output_, spare);
  here_.give_buffer(std::move(spare));
}

void session::finish_spread() {
  spread_->finish(output_);
  spread_.reset();
}

void session::finish_walk() {
  walk_->finish(output_);
  walk_.reset();
}

void session::sent() {
  here_.counters.bytes_out.add(output_.size());
  output_.clear();
}

void session::rest() {
  here_.give_buffer(std::move(output_));
  output_ = {};
  if (writes_ != nullptr && writes_->empty()) here_.give_round(std::move(writes_));
  parser_.trim();
}

}  // namespace kv
