// SPDX-License-Identifier: MIT
#pragma once

// Names to addresses, without blocking a core. What resolve() and connect() by name ask is the
// core's resolver: system_resolver unless another implementation was chosen. Core-affine, like all
// that a core has one of.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "../sched/task.hpp"
#include "address.hpp"
#include "result.hpp"

namespace lull {

class resolver {
 public:
  virtual ~resolver() = default;

  // co_await: the addresses of `name`, with `port`, in the order in which they are to be tried; at
  // least one. A number ("192.0.2.1", "::1") is its own name. Several coroutines of the core may
  // ask at a time; a stop asked of one of them ends its waiting alone (operation_canceled). A
  // failure names the name.
  virtual task<result<std::vector<address>>> resolve(std::string name, std::uint16_t port) = 0;
};

// Chooses the resolver of this core, before it is first asked: later the program stops.
void choose_resolver(std::unique_ptr<resolver> chosen);

// Asks the resolver of this core, which is made if there is none yet. Throws std::bad_alloc.
task<result<std::vector<address>>> resolve(std::string name, std::uint16_t port);

}  // namespace lull
