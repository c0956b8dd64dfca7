// SPDX-License-Identifier: MIT
#pragma once

// What is true of the whole server while it runs: its limits, its address, since when it runs.
// Written before the cores start and read by all of them.
//
// variable                     | written by | read by  | pairings
// connections, last_session_id | any core   | any core | none: relaxed, counts alone

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "byte_buffer.hpp"
#include "request_parser.hpp"

namespace kv {

class core_state;

struct server_limits {
  request_limits request;
  std::size_t connections = 10'000;
  std::size_t memory = 0;                    // bytes of keys and values; 0: no limit
  std::size_t query = std::size_t{1} << 30;  // bytes of one request
};

struct server_facts {
  server_limits limits;
  std::string bind_address = "127.0.0.1";
  std::uint16_t port = 6380;
  std::int64_t started_ms = 0;     // Unix time
  std::vector<core_state*> cores;  // by index
  // Appends what the runtime has to say about itself to an INFO reply; empty where nobody does.
  std::function<void(byte_buffer&)> describe_runtime;

  std::atomic<std::size_t> connections{0};
  std::atomic<std::uint64_t> last_session_id{0};
};

}  // namespace kv
