// SPDX-License-Identifier: MIT
// COMMAND and its subcommands, out of the command table.
#include <algorithm>
#include <string>
#include <vector>

#include "command_table.hpp"
#include "describe.hpp"
#include "reply.hpp"
#include "session.hpp"

namespace kv {
namespace {

bool is_told(const command_entry& entry) noexcept {
  return entry.name != "host:" && entry.name != "post";
}

std::size_t commands_told() noexcept {
  const auto all = all_commands();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_told));
}

std::vector<std::string_view> flags_of(const command_entry& entry) {
  std::vector<std::string_view> flags;
  const bool keys = entry.first_key != 0;
  if (entry.touches == reach::read_key || entry.touches == reach::read_keys) {
    flags.push_back("readonly");
  }
  if (entry.touches == reach::write_key || entry.touches == reach::write_keys ||
      entry.name.starts_with("flush")) {
    flags.push_back("write");
  }
  if (entry.grows) flags.push_back("denyoom");
  if (keys && entry.last_key == 1) flags.push_back("fast");
  return flags;
}

// Name, arity, flags, keys; then categories, tips, key specifications and subcommands, which are
// left empty.
void describe(const command_entry& entry, reply& out) {
  out.array(10);
  out.bulk(entry.name);
  out.integer(entry.arity);
  const auto flags = flags_of(entry);
  out.array(flags.size());
  for (const std::string_view flag : flags) out.status(flag);
  out.integer(entry.first_key);
  out.integer(entry.last_key);
  out.integer(entry.key_step);
  for (int i = 0; i < 4; ++i) out.array(0);
}

void document(const command_entry& entry, reply& out) {
  out.bulk(entry.name);
  out.array(6);
  out.bulk("summary");
  out.bulk(entry.summary);
  out.bulk("since");
  out.bulk("1.0.0");
  out.bulk("group");
  out.bulk(entry.group);
}

const command_entry* named(std::string_view name) noexcept {
  const command found = find_command(name);
  if (found == command::unknown || !is_told(entry_of(found))) return nullptr;
  return &entry_of(found);
}

void describe_all(reply& out) {
  out.array(commands_told());
  for (const command_entry& each : all_commands()) {
    if (is_told(each)) describe(each, out);
  }
}

void describe_named(const arguments& words, reply& out) {
  out.array(words.size() - 2);
  for (std::size_t i = 2; i < words.size(); ++i) {
    const command_entry* const entry = named(words[i]);
    if (entry == nullptr) {
      out.null();
    } else {
      describe(*entry, out);
    }
  }
}

void document_some(const arguments& words, reply& out) {
  std::vector<const command_entry*> wanted;
  if (words.size() == 2) {
    for (const command_entry& each : all_commands()) {
      if (is_told(each)) wanted.push_back(&each);
    }
  }
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (const command_entry* const entry = named(words[i])) wanted.push_back(entry);
  }
  out.array(wanted.size() * 2);
  for (const command_entry* each : wanted) document(*each, out);
}

}  // namespace

void describe_commands(const arguments& words, byte_buffer& output) {
  reply out{output};
  if (words.size() == 1) return describe_all(out);
  const std::string_view subcommand = words[1];
  if (equals_ignoring_case(subcommand, "count")) {
    if (words.size() != 2) return refuse_words(out, "command|count");
    out.integer(static_cast<std::int64_t>(commands_told()));
  } else if (equals_ignoring_case(subcommand, "docs")) {
    document_some(words, out);
  } else if (equals_ignoring_case(subcommand, "info")) {
    words.size() == 2 ? describe_all(out) : describe_named(words, out);
  } else if (equals_ignoring_case(subcommand, "list")) {
    if (words.size() != 2) return out.error("ERR syntax error");
    out.array(commands_told());
    for (const command_entry& each : all_commands()) {
      if (is_told(each)) out.bulk(each.name);
    }
  } else {
    refuse_subcommand(out, subcommand, "COMMAND");
  }
}

}  // namespace kv
