// SPDX-License-Identifier: MIT

// The two calls that block: for threads without a scheduler.

#include <lull/reclaim/participant.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

using namespace std::chrono_literals;

namespace {

// Until `done`, or for ten seconds; whether it was done.
template <class Done>
bool comes_true(Done done) {
  const auto until = std::chrono::steady_clock::now() + 10s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

// A thread that joins a domain and blocks in a call; says when it has returned.
template <class Call>
class blocked_thread {
 public:
  blocked_thread(lull::domain& domain, Call call)
      : thread_([this, &domain, call] {
          lull::participant me(domain);
          joined_ = true;
          call(me);
          returned_ = true;
        }) {
    REQUIRE(comes_true([&] { return joined_.load(); }));
  }
  ~blocked_thread() { thread_.join(); }

  bool has_returned() const { return returned_; }
  bool returns() const {
    return comes_true([&] { return returned_.load(); });
  }

 private:
  std::atomic<bool> joined_{false};
  std::atomic<bool> returned_{false};
  std::thread thread_;
};

struct deleted_here {
  explicit deleted_here(std::atomic<int>& c) noexcept : count(&c) {}
  ~deleted_here() { ++*count; }
  std::atomic<int>* count;
};

}  // namespace

TEST_CASE("synchronize and barrier return at once when nobody else is online") {
  lull::domain domain;
  lull::participant me(domain);
  std::size_t released = 0;
  for (int i = 0; i < 1000; ++i) me.retire(new test::counted(released));
  me.synchronize();
  CHECK(me.is_online());
  me.barrier();
  CHECK(me.is_online());
  CHECK(released == 1000);
  me.barrier();
  CHECK_FALSE(me.has_limbo());
}

TEST_CASE("synchronize waits for a reader that does nothing, and returns once it has passed") {
  lull::domain domain;
  lull::participant reader(domain);
  const blocked_thread waiting(domain, [](lull::participant& me) { me.synchronize(); });
  std::this_thread::sleep_for(20ms);
  CHECK_FALSE(waiting.has_returned());
  REQUIRE(comes_true([&] {
    reader.quiescent();
    return waiting.has_returned();
  }));
}

TEST_CASE("synchronize returns when the reader goes offline, or leaves") {
  for (const bool leaves : {false, true}) {
    lull::domain domain;
    std::optional<lull::participant> reader(std::in_place, domain);
    const blocked_thread waiting(domain, [](lull::participant& me) { me.synchronize(); });
    std::this_thread::sleep_for(2ms);
    CHECK_FALSE(waiting.has_returned());
    if (leaves) {
      reader.reset();
    } else {
      while (!reader->offline()) reader->drive();
    }
    CHECK(waiting.returns());
  }
}

TEST_CASE("who blocks in synchronize is offline, and delays nobody") {
  lull::domain domain;
  lull::participant inert(domain);
  const blocked_thread waiting(domain, [](lull::participant& me) { me.synchronize(); });
  {
    // It comes online for moments only. The inert one itself is no obstacle to its own releases.
    lull::participant& busy = inert;
    const lull::grace_ticket first = busy.ticket();
    REQUIRE(comes_true([&] {
      busy.quiescent();
      return busy.elapsed(first);
    }));
    bool gone = false;
    busy.retire(new test::tracked(gone));
    REQUIRE(comes_true([&] {
      busy.quiescent();
      return gone;
    }));
  }
  CHECK(waiting.returns());
}

TEST_CASE("two who synchronize at once help each other, and both return") {
  lull::domain domain;
  for (int round = 0; round < 20; ++round) {
    const blocked_thread one(domain, [](lull::participant& me) {
      for (int i = 0; i < 10; ++i) me.synchronize();
    });
    const blocked_thread other(domain, [](lull::participant& me) {
      for (int i = 0; i < 10; ++i) me.synchronize();
    });
    CHECK(one.returns());
    CHECK(other.returns());
  }
}

TEST_CASE("barrier blocks until what is held elsewhere is dropped and released here") {
  lull::domain domain;
  lull::participant reader(domain);
  std::atomic<int> deleted{0};
  auto* object = new deleted_here(deleted);
  std::optional<lull::hold<deleted_here>> keep{lull::ref<deleted_here>(object)};
  const blocked_thread waiting(domain, [object](lull::participant& me) {
    me.retire(object);
    me.barrier();
  });
  const auto until = std::chrono::steady_clock::now() + 20ms;
  while (std::chrono::steady_clock::now() < until) reader.quiescent();
  CHECK_FALSE(waiting.has_returned());
  CHECK(deleted == 0);
  keep.reset();
  REQUIRE(comes_true([&] {
    reader.quiescent();
    return waiting.has_returned();
  }));
  CHECK(deleted == 1);
}

TEST_CASE("who blocks in barrier need not pass for the epoch to move") {
  lull::domain domain;
  lull::participant busy(domain);
  std::atomic<int> deleted{0};
  auto* object = new deleted_here(deleted);
  std::optional<lull::hold<deleted_here>> keep{lull::ref<deleted_here>(object)};
  std::atomic<lull::participant*> other{nullptr};
  const blocked_thread waiting(domain, [&](lull::participant& me) {
    other = &me;
    me.retire(object);
    me.barrier();
  });
  REQUIRE(comes_true([&] { return other.load() != nullptr; }));
  const std::uint64_t until = domain.statistics().epoch + 5000;
  REQUIRE(comes_true([&] {
    if (!busy.has_limbo()) static_cast<void>(busy.ticket());
    busy.quiescent();
    return domain.statistics().epoch >= until;
  }));
  CHECK_FALSE(waiting.has_returned());
  CHECK(other.load()->statistics().epochs < 2500);  // online all the time it would be all of them
  keep.reset();
  REQUIRE(comes_true([&] {
    busy.quiescent();
    return waiting.has_returned();
  }));
  CHECK(deleted == 1);
}

TEST_CASE("barrier blocks until what was sent home has been released there") {
  lull::domain domain;
  lull::participant home(domain);
  static std::atomic<int> released_at_home{0};
  released_at_home = 0;
  struct domestic : lull::homed<domestic> {
    ~domestic() { ++released_at_home; }
  };
  auto* object = new domestic;
  const blocked_thread waiting(domain, [object](lull::participant& me) {
    me.retire(object);
    me.barrier();
  });
  std::this_thread::sleep_for(5ms);
  CHECK_FALSE(waiting.has_returned());
  REQUIRE(comes_true([&] {
    home.quiescent();
    return waiting.has_returned();
  }));
  CHECK(released_at_home == 1);
  CHECK(home.statistics().came_home == 1);
}

TEST_CASE("barrier returned never where a deleter retired anew each time") {
  lull::domain domain;
  lull::participant me(domain);
  bool stop = false;
  std::size_t lives = 0;
  struct reborn {
    bool* stop;
    std::size_t* lives;
    ~reborn() {
      if (++*lives > 100'000) *stop = true;
      if (!*stop) lull::retire(new reborn{stop, lives});
    }
  };
  me.retire(new reborn{&stop, &lives});
  me.barrier();
  CHECK(lives >= 1);
  CHECK_FALSE(stop);
  stop = true;
  me.barrier();
  CHECK_FALSE(me.has_limbo());
}
