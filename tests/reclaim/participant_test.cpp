// SPDX-License-Identifier: MIT
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <new>
#include <optional>
#include <thread>
#include <vector>

#include "../allocations.hpp"
#include "helpers.hpp"

namespace {

// A writer and a reader of one domain, both driven by the test.
struct pair {
  lull::domain domain;
  lull::participant writer{domain};
  lull::participant reader{domain};
};

}  // namespace

TEST_CASE("joining makes the participant current and online, leaving undoes it") {
  lull::domain domain;
  CHECK(lull::participant::current() == nullptr);
  {
    const lull::participant me(domain);
    CHECK(lull::participant::current() == &me);
    CHECK(me.is_online());
    const lull::participant second(domain);
    CHECK(lull::participant::current() == &me);
  }
  CHECK(lull::participant::current() == nullptr);
}

TEST_CASE("a driver switches the current participant and gets the one before") {
  lull::domain domain;
  lull::participant first(domain);
  lull::participant second(domain);
  CHECK(lull::participant::set_current(&second) == &first);
  CHECK(lull::participant::current() == &second);
  CHECK(lull::participant::set_current(nullptr) == &second);
  CHECK(lull::participant::current() == nullptr);
}

TEST_CASE("joining without memory throws and nobody has joined, at each allocation in turn") {
  test::need_allocations();
  lull::domain domain;
  const lull::participant first(domain);  // takes the slot that needs no memory
  lull::participant::set_current(nullptr);
  std::size_t passes = 0;
  for (;; ++passes) {
    const test::failing_allocations some(passes);
    try {
      const lull::participant second(domain);
      break;
    } catch (const std::bad_alloc&) {
      CHECK(domain.statistics().participants == 1);
      CHECK(lull::participant::current() == nullptr);
    }
  }
  CHECK(passes == 3);  // limbo, its block, a slot
}

TEST_CASE_METHOD(pair, "a reader that has not been quiescent since keeps the object") {
  bool gone = false;
  writer.retire(new test::tracked(gone));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(writer.drive());
  CHECK_FALSE(gone);
  reader.quiescent();
  CHECK(writer.drive());
  CHECK(gone);
}

TEST_CASE_METHOD(pair, "who is offline keeps nothing") {
  bool gone = false;
  CHECK(reader.offline());
  CHECK_FALSE(reader.is_online());
  writer.retire(new test::tracked(gone));
  CHECK(writer.drive());
  CHECK(gone);
  reader.online();
  CHECK(reader.is_online());
}

TEST_CASE_METHOD(pair, "going offline lets go of what was read before") {
  bool gone = false;
  writer.retire(new test::tracked(gone));
  CHECK_FALSE(writer.drive());
  CHECK(reader.offline());
  CHECK(writer.drive());
  CHECK(gone);
  reader.online();
}

TEST_CASE_METHOD(pair, "going offline closes the batch, and it is released after coming back") {
  bool gone = false;
  reader.retire(new test::tracked(gone));
  CHECK(reader.offline());
  CHECK(reader.statistics().retired == 1);
  CHECK(reader.has_limbo());
  for (int i = 0; i < 5; ++i) writer.quiescent();
  CHECK_FALSE(gone);
  reader.online();
  test::pass_grace_period(reader, writer);
  CHECK(gone);
}

TEST_CASE_METHOD(pair, "driving announces by itself and ends where an online participant stands") {
  bool gone = false;
  writer.retire(new test::tracked(gone));
  CHECK_FALSE(writer.drive());
  CHECK_FALSE(writer.has_due());
  CHECK(writer.has_limbo());
  const auto epoch = domain.statistics().epoch;
  CHECK_FALSE(writer.drive());
  CHECK(domain.statistics().epoch == epoch);
  reader.quiescent();
  CHECK(writer.drive());
}

TEST_CASE_METHOD(pair, "driving with nothing to do does nothing") {
  const auto before = domain.statistics();
  CHECK(writer.drive());
  CHECK(domain.statistics().epoch == before.epoch);
}

TEST_CASE_METHOD(pair, "statistics count what was retired, released, announced and moved") {
  std::size_t released = 0;
  for (int i = 0; i < 5; ++i) writer.retire(new test::counted(released));
  CHECK(writer.statistics().retired == 0);  // counted when the batch is closed
  writer.quiescent();
  lull::participant_statistics now = writer.statistics();
  CHECK(now.retired == 5);
  CHECK(now.released == 0);
  CHECK(now.limbo_objects == 5);
  CHECK(now.limbo_bytes == 5 * sizeof(test::counted));
  test::pass_grace_period(writer, reader);
  now = writer.statistics();
  CHECK(released == 5);
  CHECK(now.released == 5);
  CHECK(now.limbo_objects == 0);
  CHECK(now.limbo_bytes == 0);
  CHECK(now.limbo_objects_high == 5);
  CHECK(now.limbo_bytes_high == 5 * sizeof(test::counted));
  CHECK(now.advances >= 1);
  CHECK(now.epochs >= 1);
  CHECK(reader.statistics().epochs >= 1);
}

TEST_CASE("statistics can be read from any thread while the participant works") {
  lull::domain domain;
  lull::participant me(domain);
  std::size_t released = 0;
  lull::detail::atomic<bool> stop{false};
  std::uint64_t last = 0;
  bool went_back = false;
  std::thread watcher([&] {
    while (!stop.load(lull::detail::acquire)) {
      const std::uint64_t now = me.statistics().retired;
      went_back = went_back || now < last;
      last = now;
      static_cast<void>(domain.statistics());
    }
  });
  for (int i = 0; i < 20'000; ++i) {
    me.retire(new test::counted(released));
    if (i % 8 == 0) me.quiescent();
  }
  stop.store(true, lull::detail::release);
  watcher.join();
  CHECK_FALSE(went_back);
  CHECK(me.drive());
  CHECK(released == 20'000);
}

TEST_CASE("the context is the driver's alone, and at hand while its participant is current") {
  using lull::detail::current_context;
  lull::domain domain;
  lull::participant me(domain);
  CHECK(current_context == nullptr);
  me.set_context(&domain);
  me.quiescent();
  CHECK(current_context == &domain);
  {
    lull::participant other(domain);
    other.set_context(&other);
    CHECK(current_context == &domain);
    CHECK(lull::participant::set_current(&other) == &me);
    CHECK(current_context == &other);
  }
  CHECK(current_context == nullptr);  // it was current, and has left
  CHECK(lull::participant::set_current(&me) == nullptr);
  CHECK(current_context == &domain);
}

TEST_CASE("many participants: a walk takes several visits and still completes") {
  lull::domain domain;
  std::vector<std::unique_ptr<lull::participant>> all;
  for (int i = 0; i < 100; ++i) all.push_back(std::make_unique<lull::participant>(domain));
  bool gone = false;
  all[50]->retire(new test::tracked(gone));
  for (int round = 0; round < 8 && !gone; ++round) {
    for (auto& one : all) one->quiescent();
    for (int i = 0; i < 60; ++i) all[50]->quiescent();
  }
  CHECK(gone);
}
