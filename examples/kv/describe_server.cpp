// SPDX-License-Identifier: MIT
// INFO and CONFIG, out of the server's facts and the cores' counters.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "command_table.hpp"
#include "describe.hpp"
#include "glob.hpp"
#include "reply.hpp"
#include "session.hpp"

namespace kv {
namespace {

void line(byte_buffer& to, std::string_view name, std::string_view value) {
  to.append(name);
  to.append(":");
  to.append(value);
  to.append("\r\n");
}

void line(byte_buffer& to, std::string_view name, std::uint64_t value) {
  line(to, name, std::string_view{std::to_string(value)});
}

std::uint64_t sum(const server_facts& server, counter core_counters::* which) {
  std::uint64_t total = 0;
  for (const core_state* const each : server.cores) total += (each->counters.*which).value();
  return total;
}

void describe_process(const core_state& here, byte_buffer& to) {
  const server_facts& server = here.server;
  line(to, "redis_version", spoken_redis_version);
  line(to, "redis_mode", "standalone");
  line(to, "server_name", "lull-kv");
  line(to, "lull_version", server_version);
  line(to, "arch_bits", sizeof(void*) * 8);
  line(to, "process_id", static_cast<std::uint64_t>(::getpid()));
  line(to, "tcp_port", server.port);
  line(to, "cores", server.cores.size());
  const auto seconds = static_cast<std::uint64_t>((here.now_ms - server.started_ms) / 1000);
  line(to, "uptime_in_seconds", seconds);
  line(to, "uptime_in_days", seconds / 86'400);
}

void describe_clients(const core_state& here, byte_buffer& to) {
  line(to, "connected_clients", here.server.connections.load(std::memory_order_relaxed));
  line(to, "maxclients", here.server.limits.connections);
  line(to, "blocked_clients", std::uint64_t{0});
}

void describe_memory(const core_state& here, byte_buffer& to) {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  line(to, "used_memory", here.keys.used_bytes());
  line(to, "used_memory_dataset", here.keys.used_bytes());
  line(to, "used_memory_rss_peak", static_cast<std::uint64_t>(usage.ru_maxrss) * 1024);
  line(to, "maxmemory", here.server.limits.memory);
  line(to, "maxmemory_policy", "noeviction");
}

void describe_statistics(const core_state& here, byte_buffer& to) {
  const server_facts& server = here.server;
  line(to, "total_connections_received", sum(server, &core_counters::connections_made));
  line(to, "total_commands_processed", sum(server, &core_counters::commands));
  line(to, "total_net_input_bytes", sum(server, &core_counters::bytes_in));
  line(to, "total_net_output_bytes", sum(server, &core_counters::bytes_out));
  line(to, "rejected_connections", sum(server, &core_counters::connections_refused));
  line(to, "expired_keys", here.keys.expired_keys());
  line(to, "evicted_keys", std::uint64_t{0});
  line(to, "keyspace_hits", sum(server, &core_counters::hits));
  line(to, "keyspace_misses", sum(server, &core_counters::misses));
  line(to, "unexpected_requests", sum(server, &core_counters::errors));
}

void describe_keyspace(const core_state& here, byte_buffer& to) {
  if (here.keys.size() == 0) return;
  std::string value = "keys=" + std::to_string(here.keys.size());
  value += ",expires=" + std::to_string(here.keys.volatile_keys()) + ",avg_ttl=0";
  line(to, "db0", value);
}

void describe_runtime(const core_state& here, byte_buffer& to) {
  if (here.server.describe_runtime) here.server.describe_runtime(to);
}

struct section {
  std::string_view name;
  std::string_view title;
  void (*describe)(const core_state&, byte_buffer&);
};

constexpr section sections[] = {
    {"server", "Server", describe_process},      {"clients", "Clients", describe_clients},
    {"memory", "Memory", describe_memory},       {"stats", "Stats", describe_statistics},
    {"keyspace", "Keyspace", describe_keyspace}, {"lull", "Lull", describe_runtime},
};

bool is_wanted(const arguments& words, std::string_view name) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    for (const std::string_view each :
         {name, std::string_view{"all"}, std::string_view{"everything"},
          std::string_view{"default"}}) {
      if (equals_ignoring_case(words[i], each)) return true;
    }
  }
  return words.size() == 1;
}

struct parameter {
  std::string_view name;
  std::string value;
};

std::vector<parameter> parameters_of(const server_facts& server) {
  return {
      {"appendonly", "no"},
      {"bind", server.bind_address},
      {"databases", "1"},
      {"maxclients", std::to_string(server.limits.connections)},
      {"maxmemory", std::to_string(server.limits.memory)},
      {"maxmemory-policy", "noeviction"},
      {"port", std::to_string(server.port)},
      {"proto-max-bulk-len", std::to_string(server.limits.request.bulk_size)},
      {"save", ""},
      {"tcp-keepalive", "0"},
      {"timeout", "0"},
  };
}

void send_parameters(const arguments& words, const server_facts& server, reply& out) {
  std::vector<parameter> found;
  for (parameter& each : parameters_of(server)) {
    for (std::size_t i = 2; i < words.size(); ++i) {
      if (!glob_match(words[i], each.name)) continue;
      found.push_back(each);
      break;
    }
  }
  out.array(found.size() * 2);
  for (const parameter& each : found) {
    out.bulk(each.name);
    out.bulk(each.value);
  }
}

}  // namespace

void describe_server(const arguments& words, core_state& here, byte_buffer& output) {
  byte_buffer text;
  for (const section& each : sections) {
    if (!is_wanted(words, each.name)) continue;
    if (!text.empty()) text.append("\r\n");
    text.append("# ");
    text.append(each.title);
    text.append("\r\n");
    each.describe(here, text);
  }
  reply{output}.bulk(text.view());
}

void describe_configuration(const arguments& words, const server_facts& server,
                            byte_buffer& output) {
  reply out{output};
  if (equals_ignoring_case(words[1], "get")) {
    if (words.size() < 3) return refuse_words(out, "config|get");
    return send_parameters(words, server, out);
  }
  if (equals_ignoring_case(words[1], "set")) {
    return out.error("ERR CONFIG SET is not supported: the options are given at the start");
  }
  refuse_subcommand(out, words[1], "CONFIG");
}

}  // namespace kv
