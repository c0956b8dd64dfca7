// SPDX-License-Identifier: MIT
// One client for all competing servers. They are all alive at once, each with its connections, and
// are visited in turn in short slots; the first one rotates from round to round. What counts is a
// server's CPU time per request, read from its process clock around its slot; ratios to the first
// server named are taken inside each round, and the medians and quartiles of the rounds are printed
// as JSON. Nothing of it is a time that the client measured about itself.
//
// Usage: load_client --protocol echo|get|set --connections N --bytes N --batch N --seconds N
//                    --slot-ms N [--gap-us N] [--reconnects 1] [--datagrams 1]
//                    --server NAME=PORT:PID [--server ...]
// With --gap-us requests come by chance, one in so many microseconds; with --reconnects each comes
// on a connection of its own; with --datagrams each is a datagram.
// The caller pins it away from the servers (tools/bench_io.py does).

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "load_ring.hpp"
#include "statistics.hpp"

namespace lull::bench {
namespace {

struct contender {
  std::string name;
  std::uint16_t port = 0;
  clockid_t cpu_clock{};
  std::size_t number = 0;
  std::uint64_t requests = 0;
  double busy_seconds = 0;
  std::vector<double> cpu_ns;         // a request, one entry a round
  std::vector<double> ratios;         // to the first contender in the same round
  std::vector<double> round_trip_us;  // the round's median
  std::vector<double> round_trip_ratios;
  std::vector<double> round_trips;  // all of them, for the 99th percentile
};

struct options {
  std::string protocol = "echo";
  std::size_t connections = 64;
  std::size_t bytes = 64;
  std::size_t batch = 1;
  double seconds = 10;
  double slot_ms = 60;
  load_shape shape;
  std::vector<contender> contenders;
};

contender parse_server(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::size_t colon = text.find(':', equals == std::string::npos ? 0 : equals);
  if (equals == std::string::npos || colon == std::string::npos) {
    throw std::invalid_argument("--server is NAME=PORT:PID, not '" + text + "'");
  }
  contender result;
  result.name = text.substr(0, equals);
  result.port = static_cast<std::uint16_t>(std::stoi(text.substr(equals + 1, colon - equals - 1)));
  const int process = std::stoi(text.substr(colon + 1));
  const int error = clock_getcpuclockid(process, &result.cpu_clock);
  if (error != 0) {
    throw std::invalid_argument("the CPU time of " + result.name + " (process " +
                                std::to_string(process) +
                                ") cannot be read: " + std::strerror(error));
  }
  return result;
}

bool is_on(const std::string& name, const std::string& value) {
  if (value != "1") throw std::invalid_argument(name + " is given or not: it takes 1");
  return true;
}

options parse(int count, char** arguments) {
  options result;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i];
    const std::string value = arguments[i + 1];
    if (name == "--protocol") {
      result.protocol = value;
    } else if (name == "--connections") {
      result.connections = std::stoul(value);
    } else if (name == "--bytes") {
      result.bytes = std::stoul(value);
    } else if (name == "--batch") {
      result.batch = std::stoul(value);
    } else if (name == "--seconds") {
      result.seconds = std::stod(value);
    } else if (name == "--slot-ms") {
      result.slot_ms = std::stod(value);
    } else if (name == "--gap-us") {
      result.shape.gap = std::chrono::nanoseconds(static_cast<long>(std::stod(value) * 1e3));
    } else if (name == "--reconnects") {
      result.shape.reconnects = is_on(name, value);
    } else if (name == "--datagrams") {
      result.shape.datagrams = is_on(name, value);
    } else if (name == "--server") {
      result.contenders.push_back(parse_server(value));
    } else {
      throw std::invalid_argument("the load client knows no option '" + name + "'");
    }
  }
  if (count % 2 == 0) throw std::invalid_argument("every option takes one value");
  if (result.contenders.empty()) throw std::invalid_argument("name at least one --server");
  if (result.connections == 0 || result.bytes == 0 || result.batch == 0) {
    throw std::invalid_argument("--connections, --bytes and --batch start at 1");
  }
  // A datagram that comes where a buffer ends would be cut off there.
  if (result.shape.datagrams && (result.shape.reconnects || result.batch != 1 ||
                                 load_ring::buffer_bytes % result.bytes != 0)) {
    throw std::invalid_argument(
        "--datagrams goes with a --batch of 1, with --bytes that are a power of two, and without "
        "--reconnects");
  }
  return result;
}

// Under autogroup scheduling a session gets its share as a whole, so any other session that
// computes takes half a core from the one that measures. Without the permission it stays so.
void ask_for_the_core() {
  setsid();
  const int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  if (write(file, "-20", 3) != 3) {
    std::fprintf(stderr,
                 "load_client: no permission to raise the session's share of the CPU; "
                 "other work on this machine will show in the figures\n");
  }
  close(file);
}

// Connections to all servers are open at once.
void allow_descriptors() {
  rlimit open_files{};
  getrlimit(RLIMIT_NOFILE, &open_files);
  open_files.rlim_cur = open_files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &open_files);
}

double cpu_ns(clockid_t clock) {
  timespec time{};
  if (clock_gettime(clock, &time) != 0) {
    throw std::runtime_error("a server ended while it was measured");
  }
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

struct visit_result {
  double cpu_ns = 0;  // a request
  double round_trip_us = 0;
};

visit_result visit(load_ring& ring, contender& server, std::chrono::nanoseconds length,
                   bool verify) {
  const double before = cpu_ns(server.cpu_clock);
  const slot_result slot = ring.run_slot(server.number, length, verify);
  std::this_thread::sleep_for(std::chrono::microseconds(300));  // until the server sleeps
  const double used = cpu_ns(server.cpu_clock) - before;
  const std::vector<double> trips(slot.round_trips.begin(), slot.round_trips.end());
  if (!verify) {
    server.requests += slot.requests;
    server.busy_seconds += slot.seconds;
    server.round_trips.insert(server.round_trips.end(), trips.begin(), trips.end());
  }
  return {used / static_cast<double>(slot.requests), spread_of(trips).median};
}

std::size_t run_rounds(load_ring& ring, const options& settings, std::vector<contender>& servers) {
  const std::chrono::nanoseconds length(static_cast<long>(settings.slot_ms * 1e6));
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(settings.seconds);
  for (contender& server : servers) visit(ring, server, length, true);
  std::size_t rounds = 0;
  std::vector<visit_result> found(servers.size());
  while (rounds == 0 || std::chrono::steady_clock::now() < end) {
    for (std::size_t i = 0; i < servers.size(); ++i) {
      const std::size_t turn = (rounds + i) % servers.size();
      found[turn] = visit(ring, servers[turn], length, false);
    }
    for (std::size_t i = 0; i < servers.size(); ++i) {
      servers[i].cpu_ns.push_back(found[i].cpu_ns);
      servers[i].ratios.push_back(found[i].cpu_ns / found[0].cpu_ns);
      servers[i].round_trip_us.push_back(found[i].round_trip_us);
      servers[i].round_trip_ratios.push_back(found[i].round_trip_us / found[0].round_trip_us);
    }
    ++rounds;
  }
  return rounds;
}

void print_spread(const char* name, const spread& values, const char* after) {
  std::printf("\"%s\":{\"low\":%.4f,\"median\":%.4f,\"high\":%.4f}%s", name, values.low,
              values.median, values.high, after);
}

void print_results(const options& settings, std::size_t rounds, std::vector<contender>& servers) {
  std::printf(
      "{\"protocol\":\"%s\",\"connections\":%zu,\"bytes\":%zu,\"batch\":%zu,"
      "\"rounds\":%zu,\"servers\":[\n",
      settings.protocol.c_str(), settings.connections, settings.bytes, settings.batch, rounds);
  for (contender& server : servers) {
    std::sort(server.round_trips.begin(), server.round_trips.end());
    std::printf("{\"name\":\"%s\",", server.name.c_str());
    print_spread("cpu_ns", spread_of(server.cpu_ns), ",");
    print_spread("ratio", spread_of(server.ratios), ",");
    print_spread("round_trip_us", spread_of(server.round_trip_us), ",");
    print_spread("round_trip_ratio", spread_of(server.round_trip_ratios), ",");
    std::printf("\"requests_per_second\":%.0f,\"round_trip_p99_us\":%.2f}%s\n",
                static_cast<double>(server.requests) / server.busy_seconds,
                quantile(server.round_trips, 0.99), &server == &servers.back() ? "" : ",");
  }
  std::printf("]}\n");
}

}  // namespace
}  // namespace lull::bench

int main(int argument_count, char** arguments) {
  using namespace lull::bench;
  try {
    options settings = parse(argument_count, arguments);
    ask_for_the_core();
    allow_descriptors();
    const script words = make_script(settings.protocol, settings.bytes, settings.batch);
    load_ring ring(words, settings.shape);
    for (contender& server : settings.contenders) {
      server.number = ring.add_server(server.name, server.port, settings.connections);
    }
    const std::size_t rounds = run_rounds(ring, settings, settings.contenders);
    print_results(settings, rounds, settings.contenders);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "load_client: %s\n", failure.what());
    return 1;
  }
}
