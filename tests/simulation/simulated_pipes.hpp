// SPDX-License-Identifier: MIT
#pragma once

// The pipes of the simulated kernel, each of which holds a few bytes, so that its writer meets a
// full one. Their ends belong to lull, which uses them through its rings, or to others, who read,
// write and close by themselves. Numbers of closed ends are given again, the lowest first.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "schedule.hpp"

namespace simulation {

class simulated_pipes {
 public:
  explicit simulated_pipes(schedule& by) : by_(by) {}

  struct ends {
    int reader;
    int writer;
  };

  // Called with the number of an end whose operations may go on.
  std::function<void(int)> changed;

  static bool is_end(int descriptor) noexcept {
    return descriptor >= first && descriptor < first + 10'000;
  }
  bool is_open(int descriptor) const noexcept;
  // Those that are open; a program that has ended leaves none.
  std::size_t open() const noexcept;

  ends make();
  // A negative errno; EAGAIN: not yet. Nobody is told before tell().
  int read(int reader, void* into, std::size_t bytes) noexcept;
  int write(int writer, const void* from, std::size_t bytes) noexcept;
  // Those who use that pipe may go on now.
  void tell(int descriptor) noexcept;
  // What poll(2) says of it.
  unsigned readiness(int descriptor) noexcept;
  int close(int descriptor) noexcept;

  // What can be read now; what fits.
  const std::string& content(int descriptor) noexcept { return *named(descriptor).content; }
  std::size_t room(int descriptor) noexcept { return most - content(descriptor).size(); }
  bool has_reader(int descriptor) const noexcept { return has_other(descriptor, false); }
  bool has_writer(int descriptor) const noexcept { return has_other(descriptor, true); }

 private:
  static constexpr int first = 40'000;
  static constexpr std::size_t most = 64;  // bytes

  struct end {
    std::shared_ptr<std::string> content;  // null: closed
    bool writes = false;
  };

  const end& named(int descriptor) const noexcept;
  bool has_other(int descriptor, bool writer) const noexcept;
  int add(end one);

  schedule& by_;
  std::vector<end> ends_;
};

}  // namespace simulation
