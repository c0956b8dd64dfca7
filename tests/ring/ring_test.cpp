// SPDX-License-Identifier: MIT
#include <lull/ring/ring.hpp>

#include <fcntl.h>
#include <liburing.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include <catch2/catch_test_macros.hpp>

#include "observer.hpp"

using namespace std::chrono_literals;

namespace {

lull::ring_options small(unsigned submissions, unsigned completions) {
  lull::ring_options options;
  options.submissions = submissions;
  options.completions = completions;
  return options;
}

// Refuses to set up a ring while `flag` is asked for, as an older kernel does.
class older_kernel : public test::passing_kernel {
 public:
  explicit older_kernel(unsigned flag) : flag_(flag) {}
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    if ((params.flags & flag_) != 0) return -EINVAL;
    return passing_kernel::setup(entries, params, into);
  }

 private:
  unsigned flag_;
};

// Says EBUSY or EAGAIN for a number of entries, as a kernel under pressure does.
class busy_kernel : public test::passing_kernel {
 public:
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (refusals > 0) return --refusals % 2 == 0 ? -EBUSY : -EAGAIN;
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

  int refusals = 0;
};

class poor_kernel : public test::passing_kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    if (params.cq_entries > most_completions) return -ENOMEM;
    return passing_kernel::setup(entries, params, into);
  }

  unsigned most_completions = 512;
};

// The memory of rings that have gone comes back a little later.
class late_memory : public test::passing_kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    return refusals-- > 0 ? -ENOMEM : passing_kernel::setup(entries, params, into);
  }

  int refusals = 12;
};

std::string message_of(lull::kernel& kernel, const lull::ring_options& options) {
  try {
    lull::ring ring(options, kernel);
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a submission completes at its target") {
  lull::ring ring(small(8, 16));
  test::observer target;
  ring.try_submission(&target).nop();
  REQUIRE(ring.unsubmitted() == 1);
  REQUIRE(test::settle(ring, target, 1));
  REQUIRE(target.completions.size() == 1);
  REQUIRE(target.completions[0].result == 0);
  REQUIRE(ring.unsubmitted() == 0);
}

TEST_CASE("of what is handed over it is seen whether the kernel answers at once") {
  lull::ring ring(small(8, 16));
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  test::observer at_once;
  test::observer later;
  char byte = 0;
  ring.try_submission(&at_once).nop();
  CHECK(ring.submit_and_see(at_once));
  ring.try_submission(&later).read(ends[0], &byte, 1);
  CHECK_FALSE(ring.submit_and_see(later));
  ring.try_submission(nullptr).nop();
  CHECK_FALSE(ring.submit_and_see(at_once));  // that was posted before
  REQUIRE(::write(ends[1], "x", 1) == 1);
  REQUIRE(test::settle(ring, later, 1));
  CHECK(at_once.completions.size() == 1);
  CHECK(byte == 'x');
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a submission without a target completes unseen") {
  lull::ring ring(small(8, 16));
  test::observer last;
  ring.try_submission(nullptr).nop();
  ring.try_submission(&last).nop();
  REQUIRE(test::settle(ring, last, 1));
  REQUIRE(ring.statistics().completions == 2);
}

TEST_CASE("more submissions than the queue holds are handed over on the way") {
  lull::ring ring(small(4, 1024));
  test::observer target;
  for (int i = 0; i < 100; ++i) {
    lull::submission entry = ring.try_submission(&target);
    REQUIRE(entry);
    entry.nop();
  }
  REQUIRE(test::settle(ring, target, 100));
}

TEST_CASE("an overflowing completion queue loses nothing") {
  lull::ring ring(small(8, 8));
  test::observer target;
  int asked = 0;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 8; ++i) {
      if (lull::submission entry = ring.try_submission(&target)) {
        entry.nop();
        ++asked;
      }
    }
    ring.submit();
  }
  REQUIRE(asked > 8);
  REQUIRE(test::settle(ring, target, static_cast<std::size_t>(asked)));
  REQUIRE(target.completions.size() == static_cast<std::size_t>(asked));
}

TEST_CASE("a refused entry is back-pressure and loses nothing") {
  busy_kernel kernel;
  lull::ring ring(small(8, 16), kernel);
  test::observer target;
  kernel.refusals = 5;
  for (int i = 0; i < 8; ++i) ring.try_submission(&target).nop();
  ring.submit();
  REQUIRE(ring.unsubmitted() == 8);
  REQUIRE_FALSE(ring.try_submission(&target));
  REQUIRE(test::settle(ring, target, 8));
  REQUIRE(ring.statistics().refusals == 5);
}

TEST_CASE("waiting ends when the time is over") {
  lull::ring ring(small(8, 16));
  const auto enters = ring.statistics().enters;
  ring.wait(1ms);
  REQUIRE(ring.reap() == 0);
  REQUIRE(ring.statistics().enters == enters + 1);
}

TEST_CASE("a ring does without the flags that an older kernel refuses") {
  for (const unsigned flag : {IORING_SETUP_NO_SQARRAY, IORING_SETUP_DEFER_TASKRUN}) {
    older_kernel kernel(flag);
    lull::ring ring(small(8, 16), kernel);
    REQUIRE_FALSE((flag == IORING_SETUP_NO_SQARRAY ? ring.has().no_submission_array
                                                   : ring.has().deferred_task_work));
    test::observer target;
    for (int i = 0; i < 20; ++i) ring.try_submission(&target).nop();
    REQUIRE(test::settle(ring, target, 20));
  }
}

TEST_CASE("what is not allowed is not used") {
  lull::ring_options options = small(8, 16);
  options.allowed.no_submission_array = false;
  options.allowed.deferred_task_work = false;
  options.allowed.registered_ring = false;
  lull::ring ring(options);
  REQUIRE_FALSE(ring.has().registered_ring);
  test::observer target;
  for (int i = 0; i < 20; ++i) ring.try_submission(&target).nop();
  REQUIRE(test::settle(ring, target, 20));
}

TEST_CASE("a ring shrinks when locked memory is short") {
  poor_kernel kernel;
  lull::ring ring({}, kernel);
  REQUIRE(ring.options().submissions == 256);
  REQUIRE(ring.options().completions == 512);
}

TEST_CASE("a ring that was small gave up before the memory of others came back") {
  late_memory kernel;
  const lull::ring ring(small(4, 8), kernel);
  CHECK(kernel.refusals < 0);
}

TEST_CASE("a ring that is gone has left its registration, which would keep its memory") {
  // A thread has room for 16 registered rings.
  for (int i = 0; i < 64; ++i) {
    const lull::ring ring(small(4, 8));
    REQUIRE(ring.has().registered_ring == lull::detected_capabilities().registered_ring);
  }
}

TEST_CASE("a kernel that is too old or too poor gets a sentence") {
  poor_kernel poor;
  poor.most_completions = 0;
  REQUIRE(message_of(poor, {}).find("locked-memory limit") != std::string::npos);
  older_kernel old(IORING_SETUP_SINGLE_ISSUER);
  REQUIRE(message_of(old, {}).find("Linux 6.1 or newer") != std::string::npos);
}
