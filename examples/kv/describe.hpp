// SPDX-License-Identifier: MIT
#pragma once

// COMMAND, CONFIG and INFO: what the server says about itself. Any core; what other cores counted
// is read from their counters, which need not agree with each other to the last one. These
// commands allocate as they like.

#include <string_view>

#include "byte_buffer.hpp"
#include "core_state.hpp"
#include "request_parser.hpp"

namespace kv {

// The version of redis whose commands and errors are spoken here, for clients that ask.
inline constexpr std::string_view spoken_redis_version = "7.0.15";
inline constexpr std::string_view server_version = "0.1.0";

void describe_commands(const arguments& words, byte_buffer& output);
void describe_configuration(const arguments& words, const server_facts& server,
                            byte_buffer& output);
void describe_server(const arguments& words, core_state& here, byte_buffer& output);

}  // namespace kv
