// SPDX-License-Identifier: MIT
#pragma once

// What a litmus program is made of: a handful of threads over the shipped sources, objects whose
// every use is checked for a data race and for use after release, and checks. A program is run many
// thousand times, each time with another schedule and other stale values; the same iteration number
// gives the same run. A failed check prints what went wrong and where, and ends the program.

#include <memory>
#include <string_view>

#include "relacy_atomics.hpp"

namespace litmus {

// Ends the run as failed unless the condition holds.
void check(bool condition, const char* sentence, const place& at = place::current());

// A number below `limit`, from the iteration's own sequence.
unsigned random(unsigned limit);

// Stands for memory that is shared by plain pointers. Uses are ordered by happens-before alone,
// made of release and acquire: full fences count for what loads may return, never for races, so
// that whatever passes here is also clean for ThreadSanitizer.
class object {
 public:
  object(const place& at = place::current()) { write(at); }  // NOLINT: made like any other variable
  void read(const place& at = place::current());
  void write(const place& at = place::current());

  // The end of its life: a write after which any use is an error.
  void release(const place& at = place::current());
  bool released() const { return released_; }

 private:
  void fail(const char* what, const place& at) const;

  std::uint32_t written_[4] = {};
  std::uint32_t read_[4] = {};
  bool released_ = false;
};

// One run of a program: made anew for each schedule. The constructor runs before all threads,
// after() when all have ended.
class run {
 public:
  virtual ~run() = default;
  virtual void thread(unsigned index) = 0;
  virtual void after() {}
};

struct program {
  const char* name;
  unsigned threads;  // 2 to 4
  std::unique_ptr<run> (*make)();
};

// Puts a program on the list: `const enlisted<my_run> listed{"name", 3};`
void enlist(const program& one);

template <class Run>
struct enlisted {
  enlisted(const char* name, unsigned threads) {
    enlist({name, threads, []() -> std::unique_ptr<run> { return std::make_unique<Run>(); }});
  }
};

}  // namespace litmus
