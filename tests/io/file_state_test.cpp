// SPDX-License-Identifier: MIT
#include <lull/io/file_state.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/open.hpp>
#include <lull/io/pipe.hpp>
#include <lull/ring/ring.hpp>
#include <lull/sched/scope.hpp>

#include "../ring/observer.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using io_test::on_core;
using io_test::temporary_folder;
using lull::detail::state_of;

namespace {

constexpr unsigned reads_at_once = 8;

std::uint64_t iterations() { return lull::core::current().statistics().iterations; }

lull::task<> read_a_byte(lull::detail::file_state& from) {
  std::array<std::byte, 1> into;
  const auto got = co_await lull::detail::read_some(from, into, 0);
  REQUIRE(got);
  CHECK(*got == 1);
}

// A named pipe, of which reads wait until it is told to answer.
class slow_file {
 public:
  slow_file() { REQUIRE(::mkfifo(path_.c_str(), 0600) == 0); }

  auto open() const { return lull::fs::open(path_, O_RDWR); }

 private:
  temporary_folder folder_;
  std::string path_ = folder_.path("pipe");
};

void answer_reads(int descriptor) {
  CHECK(::write(descriptor, "01234567", reads_at_once) == reads_at_once);
}

// Takes no submissions while it is full.
class full_kernel : public test::passing_kernel {
 public:
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (full) return ++refusals, -EBUSY;
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

  bool full = false;
  int refusals = 0;
};

// What is left for the end of the iteration; nothing where it has ended since.
lull::task<> look(std::uint64_t iteration, std::optional<unsigned>& left) {
  left.reset();
  if (iterations() == iteration) left = lull::detail::this_context("look").ring->unsubmitted();
  co_return;
}

// Reads that begin in one iteration leave so many for its end. `then` gives them what they wait
// for.
lull::task<> see_left(
    lull::detail::file_state& from, std::optional<unsigned>& left,
    const std::function<void()>& then = [] {}) {
  lull::scope scope;
  for (unsigned i = 0; i < reads_at_once; ++i) scope.spawn(read_a_byte, std::ref(from));
  scope.spawn(look, iterations(), std::ref(left));
  co_await lull::yield();
  then();
  co_await scope.join();
}

}  // namespace

TEST_CASE("what a device answers waited for the end of the iteration, and came all at once") {
  const slow_file pipe;
  std::optional<unsigned> left;
  on_core([&]() -> lull::task<> {
    const auto slow = co_await pipe.open();
    REQUIRE(slow);
    const auto answer = [&] { answer_reads(slow->descriptor()); };
    int seen = 0;
    for (int i = 0; i < 100 && seen < 3; ++i) {
      co_await see_left(state_of(*slow), left, answer);
      if (!left) continue;
      CHECK(*left < lull::limits::least_together);
      ++seen;
    }
    CHECK(seen == 3);
  });
}

TEST_CASE("what the kernel answers at once is submitted together, at the end of the iteration") {
  std::optional<unsigned> left;
  on_core([&]() -> lull::task<> {
    const auto zeros = co_await lull::fs::open("/dev/zero");
    REQUIRE(zeros);
    // Each look finds it so, and the next is twice as far.
    for (int i = 0; i < 100 && left != reads_at_once; ++i)
      co_await see_left(state_of(*zeros), left);
    REQUIRE(left);
    CHECK(*left == reads_at_once);
  });
}

TEST_CASE("a file that answers later for a while is looked at again") {
  const slow_file pipe;
  std::optional<unsigned> left;
  on_core([&]() -> lull::task<> {
    const auto both = co_await pipe.open();
    REQUIRE(both);
    const auto answer = [&] { answer_reads(both->descriptor()); };
    for (int i = 0; i < 100 && left != reads_at_once; ++i) {
      answer();  // before
      co_await see_left(state_of(*both), left);
    }
    CHECK((left == reads_at_once || io_test::pipes_take_threads()));
    for (int i = 0; i < 100 && (!left || *left >= lull::limits::least_together); ++i) {
      co_await see_left(state_of(*both), left, answer);
    }
    CHECK((left && *left < lull::limits::least_together));
  });
}

TEST_CASE("reads of a pipe, which no device answers, are submitted together") {
  std::optional<unsigned> left;
  on_core([&]() -> lull::task<> {
    auto ends = lull::pipe();
    REQUIRE(ends);
    const auto answer = [&] { answer_reads(ends->writer.descriptor()); };
    // In its first iteration the core has a submission of its own.
    for (int i = 0; i < 100 && left != reads_at_once; ++i) {
      co_await see_left(state_of(ends->reader), left, answer);
    }
    REQUIRE(left);
    CHECK(*left == reads_at_once);
  });
}

TEST_CASE("a kernel that takes no submissions was asked again for every second read of a file") {
  full_kernel kernel;
  std::optional<int> refusals;
  lull::core_options options;
  options.time_per_iteration = std::chrono::seconds(10);  // of a sanitizer on a busy machine
  on_core(
      options,
      [&]() -> lull::task<> {
        const auto zeros = co_await lull::fs::open("/dev/zero");
        REQUIRE(zeros);
        for (int i = 0; i < 100 && !refusals; ++i) {
          lull::scope scope;
          kernel.full = true;
          kernel.refusals = 0;
          for (int j = 0; j < 64; ++j) scope.spawn(read_a_byte, std::ref(state_of(*zeros)));
          // Behind them; where their iteration has ended, that was refused too.
          scope.spawn([&, iteration = iterations()]() -> lull::task<> {
            if (iterations() == iteration) refusals = kernel.refusals;
            kernel.full = false;
            co_return;
          });
          co_await scope.join();
        }
      },
      kernel);
  REQUIRE(refusals);
  CHECK(*refusals <= 1);
}
