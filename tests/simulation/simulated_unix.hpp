// SPDX-License-Identifier: MIT
#pragma once

// The names of Unix sockets in the simulated kernel, and those of datagrams among them: what is
// sent is there at once, in order, with descriptors that are passed along, and the sender waits
// while the receiver has no room. Descriptors that are passed are the program's own, real ones; on
// their way they are copies, which are closed if nobody takes them.

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <lull/io/descriptor.hpp>

#include "schedule.hpp"

namespace simulation {

using passed_descriptors = std::vector<lull::descriptor>;

class simulated_unix {
 public:
  explicit simulated_unix(schedule& by) : by_(by) {}

  struct letter {
    std::string from;  // a name
    std::string bytes;
    passed_descriptors passed;
  };

  // Called with the number of a socket whose operations may go on.
  std::function<void(int)> changed;

  static bool is_socket(int descriptor) noexcept {
    return descriptor >= first && descriptor < first + 10'000;
  }
  bool is_open(int descriptor) const noexcept;
  // Those of datagrams that are open; a program that has ended leaves none.
  std::size_t open() const noexcept;

  // Names, which begin with a zero if they are none of the file system. Those that are stay when
  // their socket has been closed.
  int bind(int descriptor, std::string name);
  int remove_unused(const std::string& name) noexcept;
  void forget(int descriptor) noexcept;
  const std::string& name_of(int descriptor) const noexcept;
  // The socket of that name; nobody's: -1.
  int owner(const std::string& name) const noexcept;

  // Datagrams. A negative errno; EAGAIN: not yet.
  int make() noexcept;
  int connect(int descriptor, const std::string& to) noexcept;
  // To whom it is connected, if there is no name. Has taken the descriptors if it gives a size.
  int send(int descriptor, const std::string& to, const std::string& bytes,
           passed_descriptors& passed) noexcept;
  // What can be received; null: nothing.
  letter* oldest(int descriptor) noexcept;
  // It has been.
  void received(int descriptor) noexcept;
  int close(int descriptor) noexcept;
  // There is something to receive, or room.
  void tell_all();

 private:
  static constexpr int first = 50'000;
  static constexpr std::size_t most = 3;  // that wait in a socket

  struct socket {
    bool open = true;
    std::string peer = {};
    std::deque<letter> arrived = {};
  };

  socket& named(int descriptor) noexcept;

  schedule& by_;
  std::map<std::string, int> names_;
  std::deque<socket> sockets_;
  unsigned chosen_ = 0;
};

}  // namespace simulation
