// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cerrno>
#include <lull/io/result.hpp>
#include <lull/sched/when_all.hpp>
#include <lull/sched/when_any.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "on_core.hpp"

using Catch::Matchers::ContainsSubstring;
using lull::failure;
using lull::result;

namespace {

const lull::address somebody = lull::address::loopback(4711);

result<std::unique_ptr<int>> give(int value) { return std::make_unique<int>(value); }
result<std::unique_ptr<int>> fail(int code) { return failure(code, "receive", somebody); }

}  // namespace

TEST_CASE("a success is used like a pointer to its value") {
  auto got = give(5);
  REQUIRE(got);
  CHECK(**got == 5);
  CHECK(*got.value() == 5);
  CHECK(*std::as_const(got).value() == 5);
  CHECK(got->get() == got.value().get());
  CHECK(!got.error());
  CHECK(got.message().empty());
  const std::unique_ptr<int> taken = std::move(got).value();
  CHECK(*taken == 5);
}

TEST_CASE("a failure names the operation, the peer, the error, a cause and a remedy") {
  const auto got = fail(ECONNREFUSED);
  REQUIRE(!got);
  CHECK(got.error() == std::errc::connection_refused);
  CHECK_THAT(got.message(), ContainsSubstring("receive 127.0.0.1:4711") &&
                                ContainsSubstring("errno 111") &&
                                ContainsSubstring("start the service"));
}

TEST_CASE("asking a failure for its value throws a system_error with the same story") {
  try {
    fail(EADDRINUSE).value();
    FAIL("nothing was thrown");
  } catch (const std::system_error& error) {
    CHECK(error.code() == std::errc::address_in_use);
    CHECK_THAT(error.what(), ContainsSubstring("receive 127.0.0.1:4711") &&
                                 ContainsSubstring("choose another port"));
  }
}

TEST_CASE("a failure without a known remedy says what the error says") {
  const result<void> got = failure(EDOM, "send");
  CHECK(got.message() == "send: Numerical argument out of domain (errno 33)");
}

TEST_CASE("a result without a value tells success from failure") {
  const result<void> good;
  CHECK(good);
  CHECK_NOTHROW(good.value());
  CHECK(!good.error());
  const result<void> bad = failure(EPIPE, "send_all", somebody);
  CHECK(!bad);
  CHECK(bad.error() == std::errc::broken_pipe);
  CHECK_THROWS_AS(bad.value(), std::system_error);
}

TEST_CASE("a failure is passed on as that of another result") {
  const auto first = fail(EPIPE);
  const result<int> second = first.why();
  CHECK(second.error() == first.error());
  CHECK(second.message() == first.message());
}

TEST_CASE("assigning a result replaces value and failure by each other") {
  auto one = give(1);
  one = fail(EPIPE);
  CHECK(!one);
  one = give(2);
  REQUIRE(one);
  CHECK(**one == 2);
  one = give(3);
  CHECK(**one == 3);
}

namespace {

lull::task<lull::result<int>> of_one() { co_return 1; }

}  // namespace

// Headers whose templates warn where a result is one of several fail to compile here.
TEST_CASE("awaiting several results warned of one that was ignored, in a header") {
  io_test::on_core([]() -> lull::task<> {
    auto all = co_await lull::when_all(of_one(), of_one());
    CHECK(*std::get<0>(all) == 1);
    std::vector<lull::task<lull::result<int>>> tasks;
    tasks.push_back(of_one());
    auto of_range = co_await lull::when_all(std::move(tasks));
    CHECK(*of_range.at(0) == 1);
    auto first = co_await lull::when_any(of_one(), of_one());
    CHECK(first.index == 0);
  });
}
