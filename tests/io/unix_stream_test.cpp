// SPDX-License-Identifier: MIT
#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <lull/io/unix_stream.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "unix_pair.hpp"
#include "ways_to_receive.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::socket_folder;
using io_test::unix_connected;
using io_test::unix_pair;

TEST_CASE("a Unix stream carries bytes both ways until its end, over a path and an abstract name") {
  const socket_folder folder;
  for (const auto& options : io_test::ways_to_receive()) {
    for (const bool abstract : {true, false}) {
      on_core(options, [&folder, abstract]() -> lull::task<> {
        auto bound = lull::unix_listener::bind(abstract ? lull::unix_address::any() : folder.name(),
                                               {.replace = true});
        REQUIRE(bound);
        auto& listener = *bound;
        CHECK(listener.local().is_abstract() == abstract);
        auto near = co_await lull::connect(listener.local());
        REQUIRE(near);
        auto far = co_await listener.accept();
        REQUIRE(far);
        CHECK(near->local().value() == lull::unix_address());
        CHECK(far->local().value() == listener.local());
        CHECK(far->peer_name() == lull::peer_name(listener.local()).to_string());
        auto sent = co_await near->send_all("question");
        REQUIRE(sent);
        auto got = co_await far->receive();
        REQUIRE(got);
        CHECK(got->text() == "question");
        auto answered = co_await far->send_all("answer");
        REQUIRE(answered);
        std::array<std::byte, 16> into;
        auto back = co_await near->receive(into);
        REQUIRE(back);
        CHECK(*back == 6);
        auto ended = co_await near->shutdown();
        REQUIRE(ended);
        auto end = co_await far->receive();
        REQUIRE(end);
        CHECK(end->empty());
        co_await far->close();
        auto late = co_await near->send_all("late");
        CHECK(late.error() == std::errc::broken_pipe);
      });
    }
  }
}

TEST_CASE("connecting to a Unix socket fails with the cause and the remedy") {
  const socket_folder folder;
  on_core([&folder]() -> lull::task<> {
    auto nothing = co_await lull::connect(folder.name());
    CHECK(nothing.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(nothing.message(),
               ContainsSubstring("connect to " + lull::peer_name(folder.name()).to_string()) &&
                   ContainsSubstring("start the service"));
    auto listener = lull::unix_listener::bind(folder.name()).value();
    auto second = lull::unix_listener::bind(folder.name(), {.replace = true});
    CHECK(second.error() == std::errc::address_in_use);  // somebody listens: not replaced
    auto probe = co_await listener.accept();             // the look whether he does
    CHECK(probe);
    co_await listener.close();
    auto left = co_await lull::connect(folder.name());
    CHECK(left.error() == std::errc::connection_refused);
    CHECK_THAT(left.message(), ContainsSubstring("a path stays behind"));
    auto taken = lull::unix_listener::bind(folder.name());
    CHECK(taken.error() == std::errc::address_in_use);
    CHECK_THAT(taken.message(), ContainsSubstring("'replace'"));
    auto replaced = lull::unix_listener::bind(folder.name(), {.replace = true});
    CHECK(replaced);
    auto odd =
        lull::unix_listener::bind(lull::unix_address::of("/proc/self/stat"), {.replace = true});
    CHECK(odd.error() == std::errc::address_in_use);  // a file that is no socket is left alone
  });
}

TEST_CASE("a wait for a connection, for bytes and for a message is stopped and timed out") {
  on_core([]() -> lull::task<> {
    unix_pair both = co_await unix_connected();
    std::array<std::byte, 8> into;
    auto message =
        co_await lull::timeout(std::chrono::milliseconds(1), both.near.receive_message(into));
    CHECK(message.timed_out());
    auto bytes = co_await lull::timeout(std::chrono::milliseconds(1), both.near.receive());
    CHECK(bytes.timed_out());
    auto listener = lull::unix_listener::bind(lull::unix_address::any()).value();
    auto accepted = co_await lull::timeout(std::chrono::milliseconds(1), listener.accept());
    CHECK(accepted.timed_out());
    co_await listener.close();
    CHECK(!listener.is_open());
    auto gone = co_await lull::connect(listener.local());
    CHECK(gone.error() == std::errc::connection_refused);
  });
}
