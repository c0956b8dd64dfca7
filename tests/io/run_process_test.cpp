// SPDX-License-Identifier: MIT
#include <lull/io/run_process.hpp>

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "children.hpp"
#include "connected.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::has_children;
using io_test::in_runtime;
using io_test::run_shell;
using io_test::run_with;
using io_test::shell;
using lull::child_stream;

TEST_CASE("a program is run to its end, with what it printed and how it ended") {
  in_runtime({}, []() -> lull::task<> {
    auto ran = co_await run_shell("echo out; echo err >&2; exit 5");
    REQUIRE(ran);
    CHECK(ran->output == "out\n");
    CHECK(ran->errors == "err\n");
    CHECK(ran->status.code == 5);
    ran = co_await run_shell("kill -9 $$");
    REQUIRE(ran);
    CHECK(ran->status.signal == SIGKILL);
    CHECK(ran->output.empty());
    auto quiet = shell("echo out; echo err >&2");
    quiet.errors = child_stream::null;
    ran = co_await run_with(quiet);
    CHECK(ran->output == "out\n");
    CHECK(ran->errors.empty());
  });
}

TEST_CASE("a program is given its input while its output is read, more than pipes hold") {
  const std::string text = io_test::pattern(500'000);
  in_runtime({}, [&]() -> lull::task<> {
    lull::process_options options{.program = "cat"};
    auto ran = co_await run_with(options, text);
    REQUIRE(ran);
    CHECK(ran->output == text);
    CHECK(ran->status.succeeded());
    // One that reads none of it.
    options.program = "true";
    ran = co_await run_with(options, text);
    REQUIRE(ran);
    CHECK(ran->status.succeeded());
    // Without any there is an end to read.
    options.program = "cat";
    ran = co_await run_with(options);
    REQUIRE(ran);
    CHECK(ran->output.empty());
  });
}

TEST_CASE("a program that prints more than the limit is killed, one that prints as much is not") {
  in_runtime({}, []() -> lull::task<> {
    const auto just = co_await run_shell("printf 12345", {}, 5);
    REQUIRE(just);
    CHECK(just->output == "12345");
    auto more = co_await run_shell("printf 123456", {}, 5);
    CHECK(more.error() == std::errc::file_too_large);
    CHECK_THAT(more.message(), ContainsSubstring("run_process /bin/sh: ") &&
                                   ContainsSubstring("more than the limit"));
    more = co_await run_shell("yes >&2");
    CHECK(more.error() == std::errc::file_too_large);
    CHECK(!has_children());
  });
}

TEST_CASE("a program that is not there was not run") {
  in_runtime({}, []() -> lull::task<> {
    const lull::process_options options{.program = "/no/such/program"};
    const auto ran = co_await run_with(options, "input");
    CHECK(ran.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(ran.message(), ContainsSubstring("run_process /no/such/program: "));
  });
}

TEST_CASE("a program whose run is stopped is gone when the run returns") {
  in_runtime({}, []() -> lull::task<> {
    const std::string input(1'000'000, 'x');
    for (int i = 0; i < 8; ++i) {
      // The background process has the output open, and lives on.
      const auto late =
          co_await lull::timeout(std::chrono::microseconds(500 * i),
                                 run_shell(i == 7 ? "sleep 1 & exit 0" : "exec sleep 100", input));
      CHECK(late.timed_out());
      CHECK(late->error() == std::errc::operation_canceled);
      while (lull::io_here().processes != 0) co_await lull::sleep(std::chrono::milliseconds(1));
    }
    const auto late =
        co_await lull::timeout(std::chrono::milliseconds(20), run_shell("exec sleep 100"));
    CHECK(late.timed_out());
    CHECK(!has_children());
    CHECK(lull::io_here().processes == 0);
  });
}

TEST_CASE("input that only what the child had left behind could read was waited for") {
  in_runtime({}, []() -> lull::task<> {
    auto options = shell("exec 3<&0; sleep 5 <&3 >/dev/null 2>&1 & exit 3");
    auto running = lull::run_process(options, std::string(1'000'000, 'x'));
    const auto ran = co_await lull::timeout(std::chrono::seconds(3), std::move(running));
    REQUIRE(ran.has_value());
    REQUIRE(*ran);
    CHECK((*ran)->status.code == 3);
  });
}
