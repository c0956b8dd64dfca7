// SPDX-License-Identifier: MIT
#pragma once

// What runs in a simulation: cores whose tasks sleep, call each other, cancel, read and retire
// shared objects, wait for each other and for grace periods; and somebody who is no core and posts.
// All of it counts what it did, and says so at once when a promise is broken.

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lull/lull.hpp>

#include "schedule.hpp"
#include "simulated_kernel.hpp"

namespace simulation {

class services;

// An object that cores read without locks. Its memory stays until the end of the run, so that a use
// after its release is seen.
struct shared_object {
  services* of;
  bool released = false;
};
struct release_shared {
  void operator()(shared_object* one) const noexcept;
};

// The same, released on the core that made it.
struct homed_object;
struct release_homed {
  void operator()(homed_object* one) const noexcept;
};
struct homed_object : lull::homed<homed_object, release_homed> {
  explicit homed_object(services& s) noexcept : of(&s) {}

  services* of;
  const lull::participant* made_by = lull::participant::current();
  bool released = false;
};

// What one run did.
struct tally {
  std::uint64_t slept = 0, called = 0, cancelled = 0, timed_out = 0, nothing_done = 0, read = 0,
                held = 0, pinned = 0, retired = 0, released = 0, homed = 0, came_home = 0,
                submitted = 0, graces = 0, posted = 0, delivered = 0, sent = 0, received = 0,
                locked = 0, met = 0;
};

class services {
 public:
  services(schedule& by, simulated_kernel& kernel);

  // Makes all that runs part of the schedule, which then runs.
  void play();
  // And ends the cores; the last releases what is left.
  void end_cores();

  schedule& by;
  tally done;

 private:
  friend struct release_shared;
  friend struct release_homed;
  // One task that takes so many steps, each drawn from a sequence of its own.
  struct worker {
    worker(std::uint64_t seed, std::uint64_t number, unsigned c)
        : random(seed, number), core(c), steps(3 + random.below(8)) {}

    test::random_numbers random;
    unsigned core;
    unsigned steps;
  };
  struct posted_message;

  static constexpr std::size_t cells = 4;

  lull::core_options options();
  void serve(unsigned core);
  void post();
  void end();

  lull::task<> work(worker& me);
  lull::task<> one_step(worker& me);
  lull::task<> call_another(worker& me);
  lull::task<> use_time(worker& me);
  lull::task<> cancel_some(worker& me);
  lull::task<> submit_many(worker& me);
  lull::task<> read_and_write(worker& me);
  lull::task<> read_held(worker& me);
  lull::task<> lock(worker& me);
  lull::task<> wait_for_grace();
  lull::task<> wait_for_each_other(worker& me);
  lull::task<> rest(worker& me, unsigned most_us);
  lull::task<> share_tokens(worker& me);
  lull::task<> hand_values_on(worker& me);
  lull::task<> read_and_write_locked(worker& me);
  lull::task<> await_condition(worker& me);
  lull::task<> meet(worker& me);
  lull::task<> await_several(worker& me);
  lull::task<> send_all();
  lull::task<> receive_all();
  void check(const shared_object& one, const char* how);
  shared_object* make();

  simulated_kernel& kernel_;
  unsigned count_;
  lull::domain domain_;
  std::vector<std::unique_ptr<lull::core>> cores_;
  std::vector<std::unique_ptr<lull::mutex>> mutexes_;  // one a core
  std::vector<unsigned> inside_;                       // tasks that hold it
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::unique_ptr<posted_message>> messages_;
  std::vector<std::unique_ptr<shared_object>> objects_;
  std::vector<std::unique_ptr<homed_object>> homed_;
  std::array<std::atomic<shared_object*>, cells> table_{};
  std::array<std::atomic<homed_object*>, cells> homed_table_{};
  lull::shared_channel<unsigned> channel_{2};
  unsigned alive_ = 0;    // tasks
  unsigned serving_ = 0;  // cores in their loops
};

}  // namespace simulation
