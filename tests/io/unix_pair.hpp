// SPDX-License-Identifier: MIT
#pragma once

// Both ends of a connection over a Unix socket, and a path for one.

#include <unistd.h>

#include <cstdlib>
#include <lull/io/connect.hpp>
#include <lull/io/unix_listener.hpp>
#include <lull/sched/task.hpp>
#include <string>
#include <utility>

#include "on_core.hpp"

namespace io_test {

struct unix_pair {
  unix_pair(lull::unix_stream a, lull::unix_stream b) noexcept
      : near(std::move(a)), far(std::move(b)) {}

  lull::unix_stream near;
  lull::unix_stream far;
};

inline lull::task<unix_pair> unix_connected() {
  auto listener = lull::unix_listener::bind(lull::unix_address::any()).value();
  auto near = co_await lull::connect(listener.local());
  auto far = co_await listener.accept();
  REQUIRE(near);
  REQUIRE(far);
  co_await listener.close();  // so that it is not among the descriptors that tests count
  co_return unix_pair(std::move(*near), std::move(*far));
}

// A folder that goes with this object and what was made in it.
class socket_folder {
 public:
  socket_folder() {
    char name[] = "/tmp/lull-test-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    path_ = name;
  }
  ~socket_folder() {
    ::unlink((path_ + "/socket").c_str());
    ::rmdir(path_.c_str());
  }
  socket_folder(const socket_folder&) = delete;
  socket_folder& operator=(const socket_folder&) = delete;

  lull::unix_address name() const { return lull::unix_address::of(path_ + "/socket"); }

 private:
  std::string path_;
};

}  // namespace io_test
