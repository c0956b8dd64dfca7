// SPDX-License-Identifier: MIT
#pragma once

// The command line of the server. Nothing is guessed: a word that is not understood is refused with
// a sentence.

#include <cstdint>
#include <span>
#include <string>

#include <lull/sched/runtime.hpp>

#include "server_facts.hpp"

namespace kv {

struct options {
  std::string bind_address = "127.0.0.1";
  std::uint16_t port = 6380;
  unsigned cores = 0;  // 0: one a processor that the process may run on
  std::uint32_t shutdown_ms = 5'000;
  server_limits limits;
  bool help = false;
};

// False: `complaint` says what is wrong, and nothing should be started.
bool parse_options(std::span<const char* const> words, options& to, std::string& complaint);

// How its cores are run.
lull::run_options runtime_options(const options& from);

// What --help prints.
std::string usage();

}  // namespace kv
