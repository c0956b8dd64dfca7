// SPDX-License-Identifier: MIT
#pragma once

// One client's conversation, without its socket: takes bytes, executes what they ask for as far as
// this core can by itself, and says when something else has to happen first. Belongs to one core.
// The hot path, a GET or a write to this core's own keys, neither suspends nor allocates. It does
// no input or output and starts no messages: connection.cpp does, and tests do without either.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "byte_buffer.hpp"
#include "core_state.hpp"
#include "get_batch.hpp"
#include "read_commands.hpp"
#include "request_parser.hpp"
#include "round.hpp"
#include "spread.hpp"

namespace kv {

// "wrong number of arguments", with the command's full name.
void refuse_words(reply out, std::string_view name);
// "unknown subcommand", with a hint at HELP of the command, given in upper case.
void refuse_subcommand(reply out, std::string_view subcommand, std::string_view command_name);

class session {
 public:
  enum class pause : std::uint8_t {
    need_input,     // all complete requests have been executed
    finish_writes,  // have each owner execute pending_writes(), then merge_writes(), then go on
    spread,         // have spread_work() executed, then finish_spread(), then go on
    walk,           // step() walk() to its end, finish it into the output, then go on
    send,           // the output is large: send it, then go on
    close,          // finish the writes, send the output, close
  };

  // `descriptor` is the socket's, for those who want to name or end it; -1 without one.
  session(core_state& here, std::string peer, int descriptor);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  // Executes the requests from `at` on and moves `at` behind what was taken. What is left at
  // need_input is the beginning of a request, to be given again with more bytes behind it. Throws
  // std::bad_alloc where there is no memory for a reply either: the client has to be closed.
  pause process(const char*& at, const char* end);

  bool has_pending_writes() const noexcept { return writes_ != nullptr && !writes_->empty(); }
  round& pending_writes() noexcept { return *writes_; }
  void merge_writes();
  spread& spread_work() noexcept { return *spread_; }
  void finish_spread();
  key_walk& walk() noexcept { return *walk_; }
  void finish_walk();

  byte_buffer& output() noexcept { return output_; }
  // The output has left: what follows begins anew.
  void sent();
  // Gives the buffers back to the core; call it before waiting for the client, output sent.
  void rest();

  std::uint64_t id() const noexcept { return id_; }
  int descriptor() const noexcept { return descriptor_; }
  // One line of CLIENT LIST.
  std::string description() const;

 private:
  enum class next : std::uint8_t { go_on, retry_after_writes, stop };

  pause process_all(const char*& at, const char* end);
  bool may_batch(const arguments& words) const noexcept;
  void add_get(get_batch& gets, std::string_view key, const char* behind) noexcept;
  bool answer(get_batch& gets, const char*& at);
  next execute_or_refuse(command which, const arguments& words);
  next execute(command which, const arguments& words);
  next read_key(command which, const arguments& words);
  next write_key(command which, const arguments& words);
  std::size_t former_size(const arguments& words, std::uint64_t hash) const noexcept;
  next write_keys(command which, const arguments& words);
  next database_command(command which, const arguments& words);
  next session_command(command which, const arguments& words);
  next spread_out(spread_kind kind, const arguments& words);
  next stop_for(pause reason) noexcept {
    reason_ = reason;
    return next::stop;
  }

  void refuse_unknown(const arguments& words);
  void refuse_words(std::string_view name) { kv::refuse_words(out(), name); }
  void hello(const arguments& words);
  next client(const arguments& words);
  void switch_eviction(const arguments& words);
  void reset();
  bool set_name(std::string_view name);
  reply out() noexcept { return reply{output_}; }

  core_state& here_;
  request_parser parser_;
  byte_buffer output_;
  std::unique_ptr<round> writes_;
  std::unique_ptr<spread> spread_;
  std::unique_ptr<key_walk> walk_;
  std::uint64_t id_;
  std::int64_t started_ms_;
  std::size_t place_;  // among the sessions of the core
  int descriptor_;
  std::string peer_;
  std::string name_;
  pause reason_ = pause::need_input;
  command last_ = command::unknown;
  bool keep_from_eviction_ = false;
};

}  // namespace kv
