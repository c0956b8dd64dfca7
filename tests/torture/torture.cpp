// SPDX-License-Identifier: MIT

// Tortures reclamation, after the idea of the kernel's rcutorture: readers, writers and whoever
// else comes and goes, and every read counts how many grace periods ago its object was unlinked.
// Rounds of threads and rounds of cores, with a hard budget and without, in turn.
//
//   torture [--seconds N] [--seed S] [--threads N]
//
// The last line tells what was done, for tools/torture.py. Ends with status 1 after a fault. The
// seed decides who does what; the schedule is the machine's.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "rounds.hpp"

namespace {

using std::chrono::milliseconds;

struct arguments {
  double seconds = 5;
  std::uint64_t seed = 1;
  unsigned threads = 16;
};

arguments read_arguments(int count, char** values) {
  arguments given;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string_view name = values[i];
    if (name == "--seconds") {
      given.seconds = std::atof(values[i + 1]);
    } else if (name == "--seed") {
      given.seed = std::strtoull(values[i + 1], nullptr, 10);
    } else if (name == "--threads") {
      given.threads = static_cast<unsigned>(std::strtoul(values[i + 1], nullptr, 10));
    } else {
      std::fprintf(stderr, "torture: there is no option %s\n", values[i]);
      std::exit(2);
    }
  }
  return given;
}

void print(const torture::counts& all, unsigned rounds, std::uint64_t faults) {
  const auto show = [](const char* name, std::uint64_t value) {
    std::printf(" %s=%llu", name, static_cast<unsigned long long>(value));
  };
  std::printf("torture:");
  show("rounds", rounds);
  show("graces", all.graces);
  show("reads", all.reads);
  show("oldest", all.oldest);
  show("oldest_held", all.oldest_held);
  show("retired", all.retired);
  show("released", all.released);
  show("pins", all.pins);
  show("holds", all.holds);
  show("joins", all.joins);
  show("waits", all.waits);
  show("refused", all.refused);
  show("errors", faults);
  std::printf("\n");
}

}  // namespace

int main(int count, char** values) {
  const arguments given = read_arguments(count, values);
  const auto start = std::chrono::steady_clock::now();
  const auto end = start + milliseconds(static_cast<long>(given.seconds * 1000));
  torture::random_numbers random(given.seed, 0);
  torture::counts all;
  std::uint64_t faults = 0;
  unsigned rounds = 0;
  // Short rounds at first, so that a short run has all kinds.
  for (; std::chrono::steady_clock::now() < end && faults == 0; ++rounds) {
    const unsigned longest = rounds < 4 ? 600 : 3000;
    torture::round_options options{};
    options.seed = random.next();
    options.length = milliseconds(longest / 2 + random.below(longest));
    options.threads = given.threads;
    options.hard_budget = rounds % 4 < 2 ? 0 : std::size_t{64 << 10} << random.below(6);
    const torture::round_result result =
        rounds % 2 == 0 ? torture::play_threads(options) : torture::play_cores(options);
    all.add(result.all);
    faults += result.faults;
    const std::uint64_t made = torture::objects_made(), gone = torture::objects_destroyed();
    if (made != gone || torture::faulty_deletes() != 0) {
      std::fprintf(stderr, "FAULT: %llu objects were made, %llu destroyed, %llu of them wrongly\n",
                   static_cast<unsigned long long>(made), static_cast<unsigned long long>(gone),
                   static_cast<unsigned long long>(torture::faulty_deletes()));
      ++faults;
    }
    if (faults != 0)
      std::fprintf(stderr, "in round %u of seed %llu\n", rounds,
                   static_cast<unsigned long long>(given.seed));
  }
  print(all, rounds, faults);
  std::fflush(nullptr);
  return faults == 0 ? 0 : 1;
}
