// SPDX-License-Identifier: MIT
#include "../../examples/kv/expiring.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <optional>
#include <string>

#include <lull/sched/core.hpp>
#include <lull/sched/scope.hpp>

#include "../allocations.hpp"
#include "../sched/helpers.hpp"

namespace {

// One core whose clock the test sets, with the task that removes what has expired.
class expiring_core {
 public:
  expiring_core() : state(0, keys, facts) {
    {
      const lull::core::inside here(core());
      state.compare_clocks(cores.clock.now().time_since_epoch());
      scope.emplace();
      scope->spawn(&kv::expire_keys, &state);
    }
    cores.turn();  // and it sleeps
  }
  ~expiring_core() {
    {
      const lull::core::inside here(core());
      scope->request_stop();
    }
    cores.turn_until([&] { return scope->size() == 0; });
    const lull::core::inside here(core());
    scope.reset();
  }

  // New keys; negative milliseconds: they have expired already.
  void add(int count, std::int64_t lives_ms) {
    const lull::core::inside here(core());
    for (int i = 0; i < count; ++i) {
      const std::string key = "key:" + std::to_string(++last_);
      state.own().put({key, keys.hash(key)}, kv::bytes{"v"}, state.now_ms + lives_ms);
    }
  }
  // To the end of one pause, with what is done then.
  void tick() {
    cores.clock.advance(kv::expiry_pause);
    for (unsigned i = 0; i < kv::expiry_portions + 8; ++i) cores.turn();
  }
  bool has_ended() const { return scope->size() == 0; }
  std::size_t keys_left() const { return keys.size(); }

  test::driven_cores cores{1};
  kv::database keys{1};
  kv::server_facts facts;
  kv::core_state state;
  std::optional<lull::scope> scope;

 private:
  lull::core& core() { return *cores.cores[0]; }

  int last_ = 0;
};

}  // namespace

TEST_CASE(
    "keys came faster than a fixed portion of the table was looked through for expired ones") {
  expiring_core server;
  std::size_t most = 0;
  for (int i = 0; i < 8; ++i) {
    server.add(20'000, -1);
    most = std::max(most, server.keys_left());
    server.tick();
  }
  CHECK(most < 30'000);
}

TEST_CASE("a table with few expired keys is looked at in one portion a pause") {
  expiring_core server;
  server.add(20'000, 1'000'000);
  server.add(1'000, -1'000);
  server.tick();
  CHECK(server.keys_left() > 20'000);
  for (int i = 0; i < 100 && server.keys_left() > 20'000; ++i) server.tick();
  CHECK(server.keys_left() == 20'000);
}

TEST_CASE("expired keys stayed for ever once memory had run out while they were removed") {
  test::need_allocations();
  expiring_core server;
  server.add(5'000, -1'000);
  bool ran_out = false;
  {
    const test::failing_allocations none(0);
    server.tick();
    ran_out = none.met();
  }
  CHECK(ran_out);
  CHECK_FALSE(server.has_ended());
  CHECK(server.state.counters.errors.value() == 1);
  for (int i = 0; i < 10; ++i) server.tick();
  CHECK(server.keys_left() == 0);
}
