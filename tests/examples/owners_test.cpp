// SPDX-License-Identifier: MIT
#include "../../examples/kv/owners.hpp"

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <new>
#include <vector>

#include <lull/sched/run_on.hpp>

#include "../sched/helpers.hpp"

namespace owners {

// A part for every core but those with an odd index. It has a name that others may use: gcc 14
// crashes on a coroutine template over a type of an unnamed namespace in an included file, as all
// files of a joined unit are.
struct counted_parts {
  unsigned done = 0;
  unsigned without_memory = 99;  // the core that cannot be asked

  static bool concerns(unsigned core) noexcept { return core % 2 == 0; }
};

}  // namespace owners

namespace {

using owners::counted_parts;

lull::task<> count_part(counted_parts* work, kv::core_state* there) {
  co_await lull::run_on(there->index, [] {});
  ++work->done;
}

// As a task whose frame finds no memory.
lull::task<> ask_to_count(counted_parts* work, kv::core_state* there) {
  if (there->index == work->without_memory) throw std::bad_alloc();
  return count_part(work, there);
}

struct five_cores {
  five_cores() : cores(5), keys(5) {
    for (unsigned i = 0; i < 5; ++i) {
      states.push_back(std::make_unique<kv::core_state>(i, keys, facts));
      facts.cores.push_back(states.back().get());
    }
  }
  void ask(counted_parts& work) {
    cores.run_on_core(
        0, [this, &work] { return ask_owners(facts.cores, *states[0], work, &ask_to_count); });
  }

  test::driven_cores cores;
  kv::database keys;
  kv::server_facts facts;
  std::vector<std::unique_ptr<kv::core_state>> states;
};

}  // namespace

TEST_CASE("every other core that has a part is asked, and waited for") {
  five_cores server;
  counted_parts work;
  server.ask(work);
  CHECK(work.done == 2);
}

TEST_CASE("the owners that had been asked were not waited for when memory ran out for the next") {
  five_cores server;
  counted_parts work{.without_memory = 4};
  CHECK_THROWS_AS(server.ask(work), std::bad_alloc);
  CHECK(work.done == 1);
}
