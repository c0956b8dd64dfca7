// SPDX-License-Identifier: MIT
#pragma once

// Both ends of a connection over a Unix socket, and a path for one.

#include <lull/io/connect.hpp>
#include <lull/io/unix_listener.hpp>
#include <lull/sched/task.hpp>
#include <utility>

#include "on_core.hpp"
#include "temporary_folder.hpp"

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

// A name for a socket, which goes with this object.
class socket_folder {
 public:
  lull::unix_address name() const { return lull::unix_address::of(folder_.path("socket")); }

 private:
  temporary_folder folder_;
};

}  // namespace io_test
