// SPDX-License-Identifier: MIT
#include "simulated_program.hpp"

namespace simulation {
namespace {

using std::chrono::microseconds;

constexpr std::uint64_t options_sequence = 1'000'000;
constexpr unsigned world_pause = 20'000;  // ns between two steps of the world

}  // namespace

simulated_program::simulated_program(schedule& s, simulated_kernel& kernel)
    : by(s), kernel_(kernel) {
  core_ = std::make_unique<lull::core>(0, domain_, seeded_options(by, kernel_), kernel_);
  core_->connect({core_.get()});
  kernel_.at_cancel = [this] {
    if (can_act()) act();
  };
}

lull::core_options seeded_options(schedule& by, simulated_kernel& kernel) {
  kernel.knows_no_submission_array = !by.chance(3);
  kernel.knows_deferred_task_work = !by.chance(3);
  kernel.knows_incremental_buffers = !by.chance(3);
  lull::core_options all;
  all.ring.submissions = by.chance(2) ? 1 : 1U << by.random.below(4);
  all.ring.completions = all.ring.submissions * (1 + by.random.below(3));
  all.ring.allowed.multishot_accept = !by.chance(4);
  all.ring.allowed.buffer_ring = !by.chance(8);
  all.ring.allowed.multishot_receive = !by.chance(8);
  all.ring.allowed.multishot_message = !by.chance(8);
  all.ring.allowed.zero_copy_send = !by.chance(8);
  // Of a sequence of their own, as each program needs few of them.
  test::random_numbers others(by.seed(), options_sequence);
  all.ring.allowed.futex = !others.one_in(8);
  all.ring.allowed.registered_buffers = !others.one_in(4);
  all.ring.allowed.wait_for_child = !others.one_in(3);
  all.poll = microseconds(by.random.below(3) * 2);
  all.resumes_per_iteration = by.chance(2) ? 256 : 1 + by.random.below(4);
  all.clock = by.clock();
  return all;
}

void simulated_program::play() {
  by.add("core", [this] { be_core(); });
  by.add("world", [this] { be_world(); });
  by.run();
}

// The core's fiber.
void simulated_program::be_core() {
  {
    const lull::core::inside in(*core_);
    core_->root().spawn([this]() -> lull::task<> {
      auto all = run();
      co_await std::move(all);
      core_->finish();
    });
  }
  core_->serve();
  const lull::core::inside in(*core_);
  core_->wind_up();
  ended_ = true;
}

// The world's fiber.
void simulated_program::be_world() {
  while (!ended_) {
    by.wait([this] { return ended_ || can_act(); }, lull::time_point::max());
    by.wait([this] { return ended_; }, by.now() + lull::nanoseconds(by.random.below(world_pause)));
    if (can_act()) act();
  }
}

void simulated_program::end_cores() {
  core_.reset();
  if (kernel_.sockets.open() + kernel_.network.open() + kernel_.names.open() != 0) {
    by.fail("a socket is left open");
  }
  if (kernel_.pipes.open() != 0) by.fail("an end of a pipe is left open");
  if (kernel_.files.open() != 0) by.fail("a file is left open");
}

lull::nanoseconds simulated_program::a_while() noexcept {
  return microseconds(by.random.below(120));
}

simulated_program::time_limit simulated_program::some_limit() {
  const bool patient = by.chance(2);
  return {patient ? ever : a_while(), patient};
}

std::string simulated_program::some_letters(unsigned least, unsigned more) {
  std::string text(least + by.random.below(more), ' ');
  for (char& one : text) one = static_cast<char>('a' + by.random.below(26));
  return text;
}

}  // namespace simulation
