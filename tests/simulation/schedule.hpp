// SPDX-License-Identifier: MIT
#pragma once

// One simulated run: who runs when, what time it is, and what has happened, all decided by a seed.
// Cores and others run in fibers and hand over at every call into the kernel, at some looks at the
// clock, and where a task asks for it. Nothing in it depends on addresses or on real time, so a
// seed has one trace.

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <lull/base/clock.hpp>

#include "../random.hpp"
#include "fibers.hpp"

namespace simulation {

// Something that happened: `what` is a literal.
struct event {
  const char* what;
  std::size_t who;
  std::int64_t at;  // ns since the beginning
  std::int64_t first;
  std::int64_t second;

  friend bool operator==(const event& a, const event& b) noexcept;
};

class schedule {
 public:
  explicit schedule(std::uint64_t seed);

  // The driver: one more that runs side by side with the others.
  void add(const char* name, std::function<void()> body);
  // The driver: until all have ended. Ends the program, with the seed and the last events, when
  // nobody can go on, or after too many steps.
  void run();

  // Called before each step: gives when something will happen by itself; the end of time: never.
  void ask_for_news(std::function<lull::time_point()> next_news) {
    next_news_ = std::move(next_news);
  }

  // A fiber: others may run now.
  void step();
  // A fiber: until `ready()`, or until `limit`; the end of time: no limit. False: the limit came.
  bool wait(std::function<bool()> ready, lull::time_point limit);

  std::uint64_t seed() const noexcept { return seed_; }
  lull::time_point now() const noexcept { return now_; }
  // A clock that goes on a little whenever it is read, and lets others run at times.
  lull::time_source clock() noexcept { return {&schedule::read_clock, this}; }

  // Whether the kernel makes difficulties. They end after a while: then progress is demanded.
  bool faults() const noexcept { return steps_ < faults_until_; }
  bool chance(unsigned one_in) noexcept { return random.one_in(one_in); }
  bool fault(unsigned one_in) noexcept { return faults() && chance(one_in); }

  void note(const char* what, std::int64_t first = 0, std::int64_t second = 0);
  const std::vector<event>& trace() const noexcept { return trace_; }
  std::size_t current() const noexcept { return fibers_.current(); }
  // Ends the program: what was promised has not been kept.
  [[noreturn]] void fail(const std::string& why) const;

  test::random_numbers random;

 private:
  struct strand {
    const char* name;
    std::function<bool()> ready;  // null: it can run
    lull::time_point limit;
  };

  static lull::time_point read_clock(const void* self) noexcept;
  bool can_run(std::size_t index) const;
  void hand_over();

  std::uint64_t seed_;
  fibers fibers_;
  std::vector<strand> strands_;
  std::vector<std::size_t> able_;
  lull::time_point began_{std::chrono::hours(1)};
  lull::time_point now_ = began_;
  std::uint64_t steps_ = 0;
  std::uint64_t faults_until_;
  std::function<lull::time_point()> next_news_;
  std::vector<event> trace_;
};

}  // namespace simulation
