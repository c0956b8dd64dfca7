// SPDX-License-Identifier: MIT
#include <lull/io/system_resolver.hpp>

#include <chrono>
#include <system_error>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/shield.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "fake_names.hpp"
#include "in_runtime.hpp"
#include "on_core.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::fake_names;
using io_test::with_threads;
using lull::address;
using std::chrono::milliseconds;

namespace {

using addresses = std::vector<address>;
using found_addresses = lull::result<addresses>;

lull::task<> resolve_into(lull::resolver& from, std::string name, std::uint16_t port,
                          std::vector<std::string>& into) {
  auto asking = from.resolve(name, port);
  found_addresses found = co_await std::move(asking);
  into.push_back(found ? found->at(0).to_string() : found.message());
}

}  // namespace

TEST_CASE("numbers are resolved at once, on a core without threads") {
  fake_names names;
  io_test::on_core([&]() -> lull::task<> {
    lull::system_resolver resolver(names.options());
    for (const char* const text : {"192.0.2.7", "2001:db8::7", "[2001:db8::7]"}) {
      auto asking = resolver.resolve(text, 80);
      found_addresses found = co_await std::move(asking);
      REQUIRE(found);
      CHECK(*found == addresses{*address::parse(text, 80)});
    }
    const std::string zero("a\0b", 3);
    for (const std::string& text : {std::string(), zero, std::string(254, 'x')}) {
      auto asking = resolver.resolve(text, 80);
      found_addresses found = co_await std::move(asking);
      CHECK(found.error() == std::errc::invalid_argument);
      CHECK_THAT(found.message(), ContainsSubstring("1 to 253 bytes"));
    }
  });
  CHECK(names.questions() == 0);
}

TEST_CASE("the system knows localhost, and says of what is no name that it is none") {
  with_threads([]() -> lull::task<> {
    auto asking = lull::resolve("localhost", 80);
    found_addresses found = co_await std::move(asking);
    REQUIRE(found);
    CHECK(found->size() == (found->front() == found->back() ? 1 : 2));  // each once
    for (const address& one : *found) {
      CHECK((one == address::loopback(80) || one == address::loopback_v6(80)));
    }
    asking = lull::resolve("two..dots", 80);
    const found_addresses none = co_await std::move(asking);
    CHECK(!none);
    CHECK_THAT(none.message(), ContainsSubstring("resolve two..dots: "));
    CHECK_THAT(none.message(), ContainsSubstring("check"));
  });
}

TEST_CASE("those who ask for a name at the same time share one question, each with its port") {
  fake_names names;
  names.known["both"] = {{address::loopback(0), address::loopback_v6(0)}};
  with_threads([&]() -> lull::task<> {
    lull::system_resolver resolver(names.options());
    names.close_gate();
    std::vector<std::string> texts;
    lull::scope asking;
    for (std::uint16_t port = 1; port <= 4; ++port) {
      asking.spawn(resolve_into, std::ref(resolver), port % 2 == 0 ? "both" : "BOTH", port,
                   std::ref(texts));
    }
    asking.spawn(resolve_into, std::ref(resolver), "other", std::uint16_t{9}, std::ref(texts));
    co_await lull::sleep(milliseconds(2));
    CHECK(texts.empty());
    names.open_gate();
    co_await asking.join();
    CHECK(names.questions() == 2);
    CHECK(texts.size() == 5);
    for (const char* const text : {"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4"}) {
      CHECK(std::ranges::count(texts, text) == 1);
    }
    auto again = resolver.resolve("both", 7);
    found_addresses found = co_await std::move(again);
    CHECK(*found == addresses{address::loopback(7), address::loopback_v6(7)});
    CHECK(names.questions() == 2);
  });
}

TEST_CASE("who stops asking leaves the question to the others, and its answer is kept") {
  fake_names names;
  names.known["name"] = {{address::loopback(0)}};
  with_threads([&]() -> lull::task<> {
    lull::system_resolver resolver(names.options());
    names.close_gate();
    std::vector<std::string> stopped, served;
    lull::scope some, others;
    {
      lull::scope before;
      before.request_stop();
      before.spawn(resolve_into, std::ref(resolver), "name", std::uint16_t{1}, std::ref(stopped));
      co_await before.join();
    }
    some.spawn(resolve_into, std::ref(resolver), "name", std::uint16_t{2}, std::ref(stopped));
    others.spawn(resolve_into, std::ref(resolver), "name", std::uint16_t{3}, std::ref(served));
    co_await lull::sleep(milliseconds(1));
    some.request_stop();
    co_await some.join();
    REQUIRE(stopped.size() == 2);
    for (const std::string& text : stopped) {
      CHECK_THAT(text, ContainsSubstring("resolve name: Operation canceled"));
    }
    const auto timed = co_await lull::timeout(milliseconds(1), resolver.resolve("name", 4));
    CHECK(timed.timed_out());
    CHECK(served.empty());
    names.open_gate();
    co_await others.join();
    CHECK(served == std::vector<std::string>{"127.0.0.1:3"});
    CHECK(names.questions() == 1);
  });
}

TEST_CASE("the answer to a question that everybody has left is kept all the same") {
  fake_names names;
  names.known["name"] = {{address::loopback(0)}};
  with_threads([&]() -> lull::task<> {
    lull::system_resolver resolver(names.options());
    names.close_gate();
    const auto timed = co_await lull::timeout(milliseconds(1), resolver.resolve("name", 4));
    CHECK(timed.timed_out());
    names.open_gate();
    auto again = resolver.resolve("name", 5);
    found_addresses found = co_await std::move(again);
    CHECK(found);
    CHECK(names.questions() == 1);
    // The resolver may go before the answer comes.
    names.close_gate();
    {
      lull::system_resolver short_lived(names.options());
      const auto left = co_await lull::timeout(milliseconds(1), short_lived.resolve("name", 4));
      CHECK(left.timed_out());
    }
    names.open_gate();
  });
  CHECK(names.questions() == 2);
}

TEST_CASE("a name that a draining task asked for was given up with what lull::spawn had started") {
  fake_names names;
  names.known["name"] = {{address::loopback(0)}};
  std::string got;
  io_test::in_runtime({}, [&]() -> lull::task<> {
    lull::spawn([&]() -> lull::task<> {
      lull::system_resolver resolver(names.options());
      (void)co_await lull::sleep(std::chrono::hours(1));  // until the end of all mains
      std::vector<std::string> found;
      co_await lull::shield(resolve_into(resolver, "name", 1, found));
      got = found.at(0);
    });
    lull::request_stop();
    co_return;
  });
  CHECK(got == "127.0.0.1:1");
}

TEST_CASE("names that nobody waited for any more were looked up before a runtime could end") {
  fake_names names;
  names.close_gate();
  std::thread opens;
  lull::run_options options;
  options.offload.threads = 2;
  io_test::in_runtime(options, [&]() -> lull::task<> {
    lull::spawn([&]() -> lull::task<> {
      lull::system_resolver resolver(names.options());
      std::vector<std::string> found;
      lull::scope all;
      for (int i = 0; i < 20; ++i) {
        all.spawn(resolve_into, std::ref(resolver), "name" + std::to_string(i), std::uint16_t{1},
                  std::ref(found));
      }
      co_await all.join();
      CHECK(found.size() == 20);
      opens = std::thread([&] { names.open_gate(); });
    });
    while (names.questions() < 2) co_await lull::sleep(milliseconds(1));
    lull::request_stop();
  });
  opens.join();
  CHECK(names.questions() == 2);
}

TEST_CASE("a look-up that throws that it was cancelled gave no addresses as a success") {
  with_threads([]() -> lull::task<> {
    lull::resolver_options options;
    options.look_up = [](const std::string&) -> lull::name_answer {
      throw std::system_error(std::make_error_code(std::errc::operation_canceled));
    };
    lull::system_resolver resolver(options);
    auto asking = resolver.resolve("name", 1);
    const found_addresses found = co_await std::move(asking);
    CHECK(found.error() == std::errc::operation_canceled);
  });
}

TEST_CASE("addresses and failures are kept for a time each, and failures say why") {
  fake_names names;
  names.known["name"] = {{address::loopback(0)}};
  for (const bool short_failures : {true, false}) {
    with_threads([&]() -> lull::task<> {
      auto options = names.options();
      (short_failures ? options.keep_failures : options.keep) = milliseconds(1);
      (short_failures ? options.keep : options.keep_failures) = std::chrono::hours(1);
      lull::system_resolver resolver(options);
      const int before = names.questions();
      for (int i = 0; i < 3; ++i) {
        auto asking = resolver.resolve("name", 1);
        found_addresses found = co_await std::move(asking);
        CHECK(found);
        asking = resolver.resolve("nobody", 1);
        const found_addresses none = co_await std::move(asking);
        CHECK(none.error() == std::errc::no_such_device_or_address);
        CHECK_THAT(none.message(), ContainsSubstring("resolve nobody: ") &&
                                       ContainsSubstring("nobody knows the name"));
        co_await lull::sleep(milliseconds(3));
      }
      CHECK(names.questions() - before == 4);
    });
  }
}

TEST_CASE("a look-up that throws is a failure of the name, for all who asked") {
  fake_names names;
  with_threads([&]() -> lull::task<> {
    lull::system_resolver resolver(names.options());
    std::vector<std::string> texts;
    lull::scope asking;
    for (int i = 0; i < 2; ++i) {
      asking.spawn(resolve_into, std::ref(resolver), "throws", std::uint16_t{1}, std::ref(texts));
    }
    co_await asking.join();
    REQUIRE(texts.size() == 2);
    CHECK_THAT(texts[1], ContainsSubstring("has thrown an exception"));
  });
  CHECK(names.questions() == 1);
}

TEST_CASE("a look-up that throws an error of its own left a failure without one") {
  for (const std::error_code thrown :
       {std::error_code(), std::make_error_code(std::future_errc::no_state),
        std::make_error_code(std::errc::timed_out)}) {
    with_threads([&]() -> lull::task<> {
      int questions = 0;
      lull::resolver_options options;
      options.look_up = [&](const std::string&) -> lull::name_answer {
        ++questions;
        throw std::system_error(thrown);
      };
      lull::system_resolver resolver(options);
      for (int i = 0; i < 2; ++i) {
        auto asking = resolver.resolve("a.test", 1);
        const auto got = co_await std::move(asking);
        CHECK(!got);
        CHECK(got.error() ==
              (thrown == std::errc::timed_out ? std::errc::timed_out : std::errc::io_error));
      }
      CHECK(questions == 1);  // the failure is kept
    });
  }
}
