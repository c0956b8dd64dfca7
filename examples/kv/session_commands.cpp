// SPDX-License-Identifier: MIT
// The commands about the connection itself, and the refusals.
#include <algorithm>
#include <cctype>

#include "describe.hpp"
#include "session.hpp"
#include "write_commands.hpp"

namespace kv {
namespace {

constexpr std::size_t quoted_most = 128;  // bytes of a request that a refusal repeats

// The text up to its first zero byte, as a C program would print it.
std::string_view printable(std::string_view text, std::size_t most) noexcept {
  return text.substr(0, std::min(text.find('\0'), most));
}

void authenticate(const arguments& words, reply out) {
  if (words.size() > 3) return out.error(syntax_error);
  if (words.size() == 2) {
    return out.error(
        "ERR AUTH <password> called without any password configured for the default user. Are you "
        "sure your configuration is correct?");
  }
  if (words[1] == "default") return out.ok();
  out.error("WRONGPASS invalid username-password pair or user is disabled.");
}

void select(const arguments& words, reply out) {
  const auto index = parse_integer(words[1]);
  if (!index) return out.error(not_an_integer);
  *index == 0 ? out.ok() : out.error("ERR DB index is out of range");
}

bool is_good_name(std::string_view name) noexcept {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

constexpr std::string_view bad_name =
    "ERR Client names cannot contain spaces, newlines or special characters.";

void describe_hello(const session& self, reply out) {
  out.array(14);
  out.bulk("server");
  out.bulk("lull-kv");
  out.bulk("version");
  out.bulk(spoken_redis_version);
  out.bulk("proto");
  out.integer(2);
  out.bulk("id");
  out.integer(static_cast<std::int64_t>(self.id()));
  out.bulk("mode");
  out.bulk("standalone");
  out.bulk("role");
  out.bulk("master");
  out.bulk("modules");
  out.array(0);
}

}  // namespace

void refuse_words(reply out, std::string_view name) {
  std::string text = "ERR wrong number of arguments for '";
  text += name;
  text += "' command";
  out.error(text);
}

void refuse_subcommand(reply out, std::string_view subcommand, std::string_view command_name) {
  std::string text = "ERR unknown subcommand '";
  text += printable(subcommand, quoted_most);
  text += "'. Try ";
  text += command_name;
  text += " HELP.";
  out.error(text);
}

void session::refuse_unknown(const arguments& words) {
  std::string quoted;
  for (std::size_t i = 1; i < words.size() && quoted.size() < quoted_most; ++i) {
    const std::string_view word = printable(words[i], quoted_most - quoted.size());
    quoted += "'";
    quoted += word;
    quoted += "' ";
  }
  std::string text = "ERR unknown command '";
  text += printable(words[0], quoted_most);
  text += "', with args beginning with: ";
  text += quoted;
  here_.counters.errors.add();
  out().error(text);
}

session::next session::session_command(command which, const arguments& words) {
  using enum command;
  switch (which) {
    case ping:
      if (words.size() > 2) {
        refuse_words("ping");
      } else {
        words.size() == 2 ? out().bulk(words[1]) : out().status("PONG");
      }
      break;
    case echo:
      out().bulk(words[1]);
      break;
    case command::select:
      kv::select(words, out());
      break;
    case auth:
      authenticate(words, out());
      break;
    case command::hello:
      this->hello(words);
      break;
    case command::client:
      return this->client(words);
    case command::reset:
      this->reset();
      out().status("RESET");
      break;
    case quit:
      out().ok();
      return stop_for(pause::close);
    // A web page can make a browser send such lines; redis closes on them without a word.
    case host:
    case post:
      return stop_for(pause::close);
    case command::command:
      describe_commands(words, output_);
      break;
    case config:
      describe_configuration(words, here_.server, output_);
      break;
    case info:
      describe_server(words, here_, output_);
      break;
    default:
      out().error("ERR internal error: a command without a place");
      break;
  }
  return next::go_on;
}

void session::hello(const arguments& words) {
  if (words.size() > 1) {
    const auto version = parse_integer(words[1]);
    if (!version) return out().error("ERR Protocol version is not an integer or out of range");
    if (*version != 2) return out().error("NOPROTO unsupported protocol version");
  }
  std::size_t at = 2;
  while (at < words.size()) {
    const std::size_t behind = words.size() - at - 1;
    if (equals_ignoring_case(words[at], "auth") && behind >= 2) {
      if (words[at + 1] != "default") {
        return out().error("WRONGPASS invalid username-password pair or user is disabled.");
      }
      at += 3;
    } else if (equals_ignoring_case(words[at], "setname") && behind >= 1) {
      if (!set_name(words[at + 1])) return;
      at += 2;
    } else {
      std::string text = "ERR Syntax error in HELLO option '";
      text += words[at];
      return out().error(text + "'");
    }
  }
  describe_hello(*this, out());
}

// False: the refusal has been written.
bool session::set_name(std::string_view name) {
  if (!is_good_name(name)) {
    out().error(bad_name);
    return false;
  }
  name_ = name;
  return true;
}

void session::reset() {
  name_.clear();
  keep_from_eviction_ = false;
}

session::next session::client(const arguments& words) {
  const std::string_view subcommand = words[1];
  const auto is = [&](std::string_view name) { return equals_ignoring_case(subcommand, name); };
  // True where the subcommand has so many words; else the refusal has been written.
  const auto has = [&](std::size_t count, std::string_view name) {
    if (words.size() != count) refuse_words(name);
    return words.size() == count;
  };
  if (is("setname")) {
    if (has(3, "client|setname") && set_name(words[2])) out().ok();
  } else if (is("getname")) {
    if (has(2, "client|getname")) name_.empty() ? out().null() : out().bulk(name_);
  } else if (is("id")) {
    if (has(2, "client|id")) out().integer(static_cast<std::int64_t>(id_));
  } else if (is("info")) {
    if (has(2, "client|info")) out().bulk(description());
  } else if (is("list")) {
    if (words.size() == 2) {
      if (has_pending_writes()) return next::retry_after_writes;
      return spread_out(spread_kind::list_clients, words);
    }
    out().error(syntax_error);
  } else if (is("setinfo")) {
    // What libraries say about themselves since redis 7.2; taken and not kept.
    if (has(4, "client|setinfo")) out().ok();
  } else if (is("no-evict")) {
    if (has(3, "client|no-evict")) switch_eviction(words);
  } else if (is("no-touch")) {
    if (has(3, "client|no-touch")) switch_eviction(words);
  } else if (is("reply")) {
    if (has(3, "client|reply")) {
      equals_ignoring_case(words[2], "on") ? out().ok() : out().error(syntax_error);
    }
  } else {
    refuse_subcommand(out(), subcommand, "CLIENT");
  }
  return next::go_on;
}

// Nothing is ever evicted here, so both are easily promised.
void session::switch_eviction(const arguments& words) {
  if (equals_ignoring_case(words[2], "on")) {
    keep_from_eviction_ = true;
  } else if (equals_ignoring_case(words[2], "off")) {
    keep_from_eviction_ = false;
  } else {
    return out().error(syntax_error);
  }
  out().ok();
}

std::string session::description() const {
  std::string line = "id=" + std::to_string(id_) + " addr=" + peer_;
  line += " laddr=" + here_.server.bind_address + ":" + std::to_string(here_.server.port);
  line += " fd=" + std::to_string(descriptor_) + " name=" + name_;
  line += " age=" + std::to_string((here_.now_ms - started_ms_) / 1000);
  line += keep_from_eviction_ ? " flags=e" : " flags=N";
  line += " db=0 sub=0 psub=0 multi=-1 cmd=";
  line += last_ == command::unknown ? "NULL" : entry_of(last_).name;
  line += " user=default resp=2 core=" + std::to_string(here_.index) + "\n";
  return line;
}

}  // namespace kv
