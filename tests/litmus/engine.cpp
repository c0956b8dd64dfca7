// SPDX-License-Identifier: MIT

// Runs litmus programs under relacy: iterations, threads and the command line. What atomics do is
// in words.cpp, what is scheduled and what is a race in world.cpp.

#include "relacy_parts.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "world.hpp"

namespace litmus {

unsigned self() { return rl::thread_index(); }

void wait_for_turn() {
  const unsigned me = self();
  while (w.current != me) rl::ctx().sched();
}

namespace {

// relacy wants the number of threads as a constant, and makes one of these for each iteration.
template <int Threads>
struct suite : rl::test_suite<suite<Threads>, Threads> {
  std::unique_ptr<run> mine;

  void before() {
    w.threads = Threads;
    begin_iteration(next_iteration++);
    mine = selected->make();
    start_threads(self());
  }
  void thread(unsigned index) {
    wait_for_turn();
    mine->thread(index);
    w.finished[index] = true;
    choose();
  }
  void after() {
    w.running = false;
    const unsigned me = self();
    for (const clock& one : w.now) w.now[me].join(one);
    mine->after();
    mine.reset();
  }
};

template <int Threads>
bool explore(std::uint64_t first, std::uint64_t iterations) {
  next_iteration = first;
  rl::test_params parameters;
  parameters.iteration_count = first + iterations - 1;
  parameters.search_type = rl::random_scheduler_type;
  parameters.execution_depth_limit = 1u << 24;
  parameters.context_bound = 0;
  std::ostringstream text;
  parameters.output_stream = &text;
  parameters.progress_stream = &text;
  // Not rl::simulate, which would compile all three of its schedulers.
  using scheduler = rl::random_scheduler<Threads>;
  typename scheduler::shared_context_t shared;
  std::istringstream start(std::to_string(first) + " ");
  std::ostringstream state;
  rl::context_impl<suite<Threads>, scheduler> context(parameters, shared);
  const rl::test_result_e result = context.simulate(state, start, false);
  if (result != rl::test_result_success) {
    std::printf("%s: %s (iteration %llu)\n", selected->name, rl::test_result_str(result),
                static_cast<unsigned long long>(next_iteration - 1));
  }
  return result == rl::test_result_success;
}

std::array<program, 64> programs;
unsigned program_count = 0;

}  // namespace

void enlist(const program& one) { programs.at(program_count++) = one; }

}  // namespace litmus

// litmus                          lists the programs
// litmus NAME ITERATIONS [FIRST]  runs one; status 1 when it fails
// litmus NAME trace ITERATION     runs one iteration and prints each step
int main(int count, char** arguments) {
  using namespace litmus;
  if (count < 3) {
    for (unsigned i = 0; i < program_count; ++i) std::printf("%s\n", programs[i].name);
    return count == 1 ? 0 : 2;
  }
  for (unsigned i = 0; i < program_count; ++i) {
    if (std::strcmp(programs[i].name, arguments[1]) == 0) selected = &programs[i];
  }
  if (selected == nullptr) {
    std::printf("there is no litmus program %s\n", arguments[1]);
    return 2;
  }
  trace = std::strcmp(arguments[2], "trace") == 0;
  const std::uint64_t iterations = trace ? 1 : std::strtoull(arguments[2], nullptr, 10);
  const std::uint64_t first = count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 1;
  const bool passed = selected->threads == 2   ? explore<2>(first, iterations)
                      : selected->threads == 3 ? explore<3>(first, iterations)
                                               : explore<4>(first, iterations);
  if (passed) {
    std::printf("%s: %llu runs, up to %u steps each\n", selected->name,
                static_cast<unsigned long long>(next_iteration - first), w.longest);
  }
  return passed ? 0 : 1;
}
