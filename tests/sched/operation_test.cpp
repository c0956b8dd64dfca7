// SPDX-License-Identifier: MIT
#include <lull/sched/operation.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

class nop : public lull::detail::operation<nop> {
 public:
  static constexpr const char* name = "nop";

  nop() noexcept = default;
  void prepare(lull::submission entry) noexcept { entry.nop(); }
  int await_resume() const noexcept { return answer(); }
};

class receive_one : public lull::detail::operation<receive_one> {
 public:
  static constexpr const char* name = "receive";

  receive_one(int socket, char* into) noexcept : socket_(socket), into_(into) {}
  void prepare(lull::submission entry) noexcept { entry.receive(socket_, into_, 1, 0); }
  int await_resume() const noexcept { return answer(); }

 private:
  int socket_;
  char* into_;
};

struct socket_pair {
  socket_pair() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  ~socket_pair() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  socket_pair(const socket_pair&) = delete;
  socket_pair& operator=(const socket_pair&) = delete;
  int ends[2];
};

lull::core_options tiny_queue() {
  lull::core_options options;
  options.ring.submissions = 8;
  options.ring.completions = 16;
  return options;
}

lull::task<> receive_into(int socket, std::vector<int>& results) {
  char byte = 0;
  results.push_back(co_await receive_one(socket, &byte));
}

}  // namespace

TEST_CASE("an operation resumes with what the kernel answered") {
  test::run_alone([]() -> lull::task<> { REQUIRE(co_await nop() == 0); });
}

TEST_CASE("a thousand operations through a queue of eight all end") {
  test::driven_cores cores(1, tiny_queue());
  int ended = 0;
  cores.run_on_core(0, [&]() -> lull::task<> {
    lull::scope all;
    for (int i = 0; i < 1000; ++i) {
      all.spawn([&ended]() -> lull::task<> {
        if (co_await nop() == 0) ++ended;
      });
    }
    co_await all.join();
  });
  REQUIRE(ended == 1000);
}

TEST_CASE("a stop asked for before an operation began keeps it from the kernel") {
  test::run_alone([]() -> lull::task<> {
    const socket_pair pair;
    std::vector<int> results;
    lull::scope all;
    all.request_stop();
    all.spawn(receive_into, pair.ends[0], std::ref(results));
    co_await all.join();
    REQUIRE(results == std::vector<int>{-ECANCELED});
  });
}

TEST_CASE("a stop cancels an operation in flight and waits for the kernel") {
  test::run_alone([]() -> lull::task<> {
    const socket_pair pair;
    std::vector<int> results;
    lull::scope all;
    all.spawn(receive_into, pair.ends[0], std::ref(results));
    for (int i = 0; i < 3; ++i) co_await lull::yield();
    REQUIRE(results.empty());
    all.request_stop();
    REQUIRE(results.empty());
    co_await all.join();
    REQUIRE(results == std::vector<int>{-ECANCELED});
  });
}

TEST_CASE("a result that raced with the stop is delivered") {
  test::driven_cores cores(1);
  const socket_pair pair;
  std::vector<int> results;
  std::optional<lull::scope> all;
  {
    const lull::core::inside here(*cores.cores[0]);
    all.emplace();
    all->spawn(receive_into, pair.ends[0], std::ref(results));
  }
  cores.turn();
  REQUIRE(::send(pair.ends[1], "x", 1, 0) == 1);
  cores.cores[0]->submissions().submit();  // the completion is posted, and nobody has seen it
  {
    const lull::core::inside here(*cores.cores[0]);
    all->request_stop();
  }
  cores.turn_until([&] { return all->size() == 0; });
  REQUIRE(results == std::vector<int>{1});
  all.reset();
}

TEST_CASE("10,000 receiving tasks are stopped at once through a queue of 64") {
  lull::core_options options;
  options.ring.submissions = 64;
  options.ring.completions = 128;
  test::driven_cores cores(1, options);
  cores.run_on_core(0, []() -> lull::task<> {
    const socket_pair pair;
    std::vector<int> results;
    lull::scope all;
    for (int i = 0; i < 10'000; ++i) all.spawn(receive_into, pair.ends[0], std::ref(results));
    for (int i = 0; i < 5; ++i) co_await lull::yield();
    all.request_stop();
    co_await all.join();
    REQUIRE(results.size() == 10'000);
    for (const int result : results) REQUIRE(result == -ECANCELED);
  });
}
