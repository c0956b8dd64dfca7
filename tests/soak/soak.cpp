// SPDX-License-Identifier: MIT

// An echo and a line service on one core, and clients on another that come, stall, reset and go.
//
//   soak [--connections N] [--seed S]
//
// In rounds: after each, nothing of it may be left, and memory may not have grown since the second.
// The last line but one counts connections, and those on which something was wrong. The seed
// decides who does what; the schedule is the machine's.

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <lull/io/io_core.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

#include "../open_descriptors.hpp"
#include "clients.hpp"

namespace {

constexpr unsigned at_a_time = 100;
constexpr unsigned rounds = 10;
// What the heap may hold more than after the second round, by chance of who was there at a time.
constexpr std::size_t slack = 512 * 1024;

struct arguments {
  std::uint64_t connections = 50'000;
  std::uint64_t seed = 1;
};

arguments read_arguments(int count, char** values) {
  arguments given;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = values[i];
    if (name == "--connections") {
      given.connections = std::strtoull(values[i + 1], nullptr, 10);
    } else if (name == "--seed") {
      given.seed = std::strtoull(values[i + 1], nullptr, 10);
    } else {
      std::fprintf(stderr, "soak: there is no option %s\n", values[i]);
      std::exit(2);
    }
  }
  return given;
}

using test::open_descriptors;

// Of the heap, frames among it; of the sanitizers' heaps nothing is known, their end is the check.
std::size_t memory_in_use() { return ::mallinfo2().uordblks; }

// Shared by the two cores, in turns: the services' core writes what it is asked for.
struct soaked {
  soaked(const arguments& a) : given(a) {}

  const arguments given;
  soak::services* services = nullptr;  // of core 0
  soak::ports ports;
  soak::tally all;
  std::uint64_t next = 0;
  std::size_t faults = 0;  // besides connections

  void fault(const char* what, unsigned long long found, unsigned long long expected) {
    ++faults;
    std::printf("soak: %s: %llu, where %llu was expected\n", what, found, expected);
  }
};

lull::task<> serve(soaked& it) {
  soak::services mine;
  it.ports = {mine.echoes.listener.local().port(), mine.lines.listener.local().port(),
              mine.impatient.listener.local().port()};
  it.services = &mine;
  co_await mine.running.join();
}

// One client after the other, up to connection `end`.
lull::task<> come_and_go(soaked& it, std::uint64_t end) {
  while (it.next < end) {
    auto one = soak::one_connection(it.ports, it.given.seed, it.next++, it.all);
    co_await std::move(one);
  }
}

struct left_over {
  lull::service_statistics counts;
  std::uint64_t sockets;
  std::size_t views;
};

// What is left on this core once all that comes has been served, or after a while of waiting.
lull::task<left_over> settled(soaked* it, std::uint64_t accepted, std::uint64_t sockets) {
  left_over left{};
  for (int i = 0; i < 20'000; ++i) {
    left = {it->services->counted(), lull::io_here().sockets,
            lull::detail::io_core::of(lull::core::current()).buffers().views()};
    if (left.counts.accepted == accepted && left.counts.open == 0 && left.sockets == sockets) break;
    co_await lull::sleep(std::chrono::milliseconds(1));
  }
  co_return left;
}

lull::task<> soak_them(soaked& it) {
  while (co_await lull::run_on(0, [&] { return it.services == nullptr; })) {
    co_await lull::sleep(std::chrono::milliseconds(1));
  }
  std::size_t before = 0;
  for (unsigned round = 1; round <= rounds; ++round) {
    lull::scope clients;
    for (unsigned i = 0; i < at_a_time; ++i) {
      clients.spawn(come_and_go, std::ref(it), it.given.connections * round / rounds);
    }
    co_await clients.join();
    const auto left = co_await lull::run_on(0, settled, &it, it.all.connected, 3u);
    if (left.counts.accepted != it.all.connected) {
      it.fault("accepted", left.counts.accepted, it.all.connected);
    }
    if (left.counts.open != 0) it.fault("still open", left.counts.open, 0);
    if (left.sockets != 3) it.fault("sockets left", left.sockets, 3);
    if (left.views != 0) it.fault("pieces of buffers left", left.views, 0);
    const std::size_t now = memory_in_use();
    std::printf("soak: round %u: %llu connections, %llu answers, %zu KiB in use\n", round,
                static_cast<unsigned long long>(it.all.connected),
                static_cast<unsigned long long>(it.all.answers), now / 1024);
    if (round == 2) before = now;
    if (round == rounds && now > before + slack) it.fault("bytes of memory", now, before);
  }
  const auto counts = co_await lull::run_on(0, [&] {
    it.services->running.request_stop();
    return it.services->counted();
  });
  if (counts.exceptions != 0) it.fault("exceptions", counts.exceptions, 0);
  if (counts.overdue + counts.cancelled != 0) {
    it.fault("requests cut off", counts.overdue + counts.cancelled, 0);
  }
}

}  // namespace

int main(int count, char** values) {
  const arguments given = read_arguments(count, values);
  std::printf("soak: --connections %llu --seed %llu\n",
              static_cast<unsigned long long>(given.connections),
              static_cast<unsigned long long>(given.seed));
  lull::run_options options;
  const auto cores = lull::all_cores();
  options.cores = {cores.front(), cores.back()};
  soaked it(given);
  const std::size_t descriptors = open_descriptors();
  const int status = lull::run(options, [&]() -> lull::task<> {
    return lull::this_core() == 0 ? serve(it) : soak_them(it);
  });
  const std::size_t still_open = open_descriptors();
  if (still_open != descriptors) it.fault("descriptors", still_open, descriptors);
  if (it.all.connected != given.connections) {
    it.fault("connected", it.all.connected, given.connections);
  }
  if (it.all.wrong != 0) std::printf("soak: the first wrong: %s\n", it.all.first_wrong.c_str());
  const std::uint64_t failed = it.all.wrong + it.faults + (status != 0 ? 1 : 0);
  std::printf("soak: %llu connections, %llu faults\n",
              static_cast<unsigned long long>(it.all.connected),
              static_cast<unsigned long long>(failed));
  std::printf(failed == 0 ? "1 passed, 0 failed\n" : "0 passed, 1 failed\n");
  return failed == 0 ? 0 : 1;
}
