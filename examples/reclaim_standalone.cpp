// SPDX-License-Identifier: MIT

// lull's reclamation by itself, with plain threads and loops of one's own: no io_uring, no
// coroutine. One thread publishes a new route table again and again; the others look routes up
// without locks, announce a quiescent state at the end of each turn of their loop, and go offline
// while they rest. No reader ever sees a table that was freed, and all of them are freed in the
// end.

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

namespace {

struct route_table {
  explicit route_table(int number) : version(number), gateway("10.0.0." + std::to_string(number)) {}
  int version;
  std::string gateway;
};

struct router {
  lull::domain domain;
  std::atomic<const route_table*> routes{new route_table(0)};
  std::atomic<bool> done{false};
  ~router() { delete routes.load(); }
};

void serve(router& shared, std::atomic<long>& served) {
  lull::participant me(shared.domain);  // this thread joins; it leaves at the end of the block
  for (long turn = 1; !shared.done.load(std::memory_order_relaxed); ++turn) {
    for (int request = 0; request < 100; ++request) {
      // What is read here stays readable until the quiescent state below.
      const route_table* routes = shared.routes.load(std::memory_order_acquire);
      served.fetch_add(routes->gateway.empty() ? 0 : 1, std::memory_order_relaxed);
    }
    me.quiescent();  // no reference is held here
    if (turn % 1000 == 0 && me.offline()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // nobody waits for this thread
      me.online();
    }
  }
}

lull::participant_statistics publish(router& shared, int versions) {
  lull::participant me(shared.domain);
  for (int version = 1; version <= versions; ++version) {
    me.reserve(1);  // so that the retire after the exchange cannot fail
    auto next = std::make_unique<const route_table>(version);
    me.retire(shared.routes.exchange(next.release(), std::memory_order_acq_rel));
    me.quiescent();
  }
  while (!me.drive()) std::this_thread::yield();  // a reader stands in the way: not for long
  return me.statistics();
}

}  // namespace

int main() {
  router shared;
  std::atomic<long> served{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) readers.emplace_back([&] { serve(shared, served); });
  const lull::participant_statistics end = publish(shared, 100'000);
  shared.done = true;
  for (std::thread& reader : readers) reader.join();
  std::printf("served %ld requests; retired %llu tables, released %llu; at most %llu waited\n",
              served.load(), static_cast<unsigned long long>(end.retired),
              static_cast<unsigned long long>(end.released),
              static_cast<unsigned long long>(end.limbo_objects_high));
  return end.retired == end.released ? 0 : 1;
}
