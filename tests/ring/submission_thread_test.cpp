// SPDX-License-Identifier: MIT
// Rings whose entries a thread of the kernel reads.
#include <lull/ring/ring.hpp>

#include <liburing.h>

#include <limits>
#include <string>
#include <system_error>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "observer.hpp"

using namespace std::chrono_literals;

namespace {

lull::ring_options threaded(std::chrono::milliseconds idle) {
  return {.submissions = 4,
          .completions = 256,
          .submission_thread = true,
          .submission_thread_idle = idle};
}

// Shows a ring's flags, and refuses entries while `refusals` are left.
class watched_kernel : public test::passing_kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    memory_ = &into;
    if ((params.flags & refused_flags) != 0) return -EPERM;
    return passing_kernel::setup(entries, params, into);
  }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    seen_flags |= flags;
    if (refusals > 0 && --refusals >= 0) return -EAGAIN;
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

  bool thread_sleeps() const noexcept {
    return (IO_URING_READ_ONCE(*memory_->sq.kflags) & IORING_SQ_NEED_WAKEUP) != 0;
  }
  bool falls_asleep() const {
    for (int i = 0; i < 5000 && !thread_sleeps(); ++i) std::this_thread::sleep_for(1ms);
    return thread_sleeps();
  }

  int refusals = 0;
  unsigned refused_flags = 0;
  unsigned seen_flags = 0;

 private:
  io_uring* memory_ = nullptr;
};

// Reads memory alone; false if nothing comes in about five seconds.
bool completes_by_itself(lull::ring& ring) {
  for (int i = 0; i < 5000 && !ring.has_completions(); ++i) std::this_thread::sleep_for(1ms);
  return ring.reap() != 0;
}

}  // namespace

TEST_CASE("a submission thread that is awake makes entering needless") {
  lull::ring ring(threaded(20s));
  REQUIRE_FALSE(ring.has().deferred_task_work);
  test::observer target;
  ring.try_submission(nullptr).nop();  // it starts out asleep
  ring.submit();
  REQUIRE(completes_by_itself(ring));
  const auto enters = ring.statistics().enters;
  for (std::size_t i = 1; i <= 10; ++i) {
    ring.try_submission(&target).nop();
    REQUIRE(ring.unsubmitted() == 1);
    REQUIRE(ring.unread() == 1);
    ring.submit();
    REQUIRE(ring.unsubmitted() == 0);
    REQUIRE(completes_by_itself(ring));
    REQUIRE(target.completions.size() == i);
  }
  REQUIRE(ring.unread() == 0);
  REQUIRE(ring.statistics().enters == enters);
  REQUIRE(ring.statistics().submissions == 11);
}

TEST_CASE("a submission thread that sleeps is woken, by a second try if the first is refused") {
  watched_kernel kernel;
  lull::ring ring(threaded(0ms), kernel);
  test::observer target;
  for (const int refusals : {0, 1}) {
    REQUIRE(kernel.falls_asleep());
    const auto enters = ring.statistics().enters;
    kernel.refusals = refusals;
    ring.try_submission(&target).nop();
    ring.submit();
    REQUIRE(ring.statistics().enters == enters + 1);
    if (refusals != 0) {
      REQUIRE(ring.unsubmitted() == 1);
      ring.submit();
    }
    REQUIRE(completes_by_itself(ring));
  }
  REQUIRE(target.completions.size() == 2);
}

TEST_CASE("a full queue waits for the submission thread, asleep or awake") {
  for (const auto idle : {0ms, 20'000ms}) {
    watched_kernel kernel;
    lull::ring ring(threaded(idle), kernel);
    test::observer target;
    for (int asked = 0, tries = 0; asked < 200; ++tries) {
      REQUIRE(tries < 1'000'000);
      // Empty while the thread is at work on what it has taken.
      if (lull::submission entry = ring.try_submission(&target)) {
        entry.nop();
        ++asked;
      }
    }
    REQUIRE((kernel.seen_flags & IORING_ENTER_SQ_WAIT) != 0);
    REQUIRE(test::settle(ring, target, 200));
    REQUIRE(ring.statistics().submissions == 200);
  }
}

TEST_CASE("a completion queue that a submission thread overflows loses nothing") {
  auto options = threaded(1ms);
  options.completions = 8;
  lull::ring ring(options);
  test::observer target;
  std::size_t asked = 0;
  for (int i = 0; i < 100; ++i) {
    if (lull::submission entry = ring.try_submission(&target)) {
      entry.nop();
      ++asked;
    }
  }
  REQUIRE(asked > 8);
  REQUIRE(test::settle(ring, target, asked));
  REQUIRE(target.completions.size() == asked);
}

TEST_CASE("rings with submission threads wake each other, restricted or not") {
  for (const bool with_list : {false, true}) {
    auto options = threaded(1ms);
    options.restricted = with_list;
    lull::ring from(options);
    lull::ring to(options);
    test::observer target;
    from.try_submission(nullptr).message(to.descriptor(), target);
    from.submit();
    to.wait(5s);
    REQUIRE(to.reap() == 1);
    REQUIRE(target.completions[0].result == 0);
  }
}

TEST_CASE("an idle time that the kernel cannot be told is the nearest that it can") {
  struct noting_setup : test::passing_kernel {
    int setup(unsigned, io_uring_params& params, io_uring&) noexcept override {
      idle = params.sq_thread_idle;
      return -EPERM;
    }
    unsigned idle = 0;
  };
  struct idle_time {
    std::chrono::milliseconds asked;
    unsigned told;
  };
  constexpr unsigned most = std::numeric_limits<unsigned>::max();
  for (const idle_time& one :
       {idle_time{7ms, 7}, idle_time{0ms, 1}, idle_time{-5ms, 1}, idle_time{24h * 60, most},
        idle_time{std::chrono::milliseconds::max(), most}}) {
    noting_setup kernel;
    CHECK_THROWS_AS(lull::ring(threaded(one.asked), kernel), std::system_error);
    CHECK(kernel.idle == one.told);
  }
}

TEST_CASE("a submission thread that is refused is named as the likely reason") {
  watched_kernel kernel;
  kernel.refused_flags = IORING_SETUP_SQPOLL;
  std::string text;
  try {
    lull::ring ring(threaded(1ms), kernel);
  } catch (const std::system_error& error) {
    text = error.what();
  }
  REQUIRE(text.find("ring_options::submission_thread") != std::string::npos);
}
