// SPDX-License-Identifier: MIT
// serve, and what becomes of its listener meanwhile.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "running_service.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::any_port;
using io_test::line_handler;
using io_test::on_core;
using io_test::raw_peer;
using tcp_service = io_test::running_service<lull::tcp_listener>;

namespace {

// As somebody does who closes a number that is not his.
void close_descriptor_of(const lull::tcp_listener& listener) {
  for (int one = 3; one < 1000; ++one) {
    sockaddr_in name{};
    socklen_t bytes = sizeof(name);
    if (::getsockname(one, reinterpret_cast<sockaddr*>(&name), &bytes) != 0) continue;
    if (name.sin_family != AF_INET || ntohs(name.sin_port) != listener.local().port()) continue;
    ::close(one);
    return;
  }
  FAIL("the listener's descriptor was not found");
}

}  // namespace

TEST_CASE("a service ends when its listener is closed, and says so if that was before") {
  on_core([]() -> lull::task<> {
    tcp_service of(any_port(), {}, nullptr);
    raw_peer peer(of.listener.local());
    peer.send("ab\n");
    ANSWER(peer, "answer ab\n");
    co_await of.listener.close();
    co_await of.scope.join();
    CHECK(!of.error);
    ANSWER(peer, "(end)");

    auto closed = any_port();
    co_await closed.close();
    auto serving = lull::serve(closed, line_handler{nullptr});
    const auto served = co_await std::move(serving);
    CHECK(served.error() == std::errc::bad_file_descriptor);
    CHECK_THAT(served.message(), ContainsSubstring("serve on 127.0.0.1"));
  });
}

TEST_CASE("a service that was full when its listener was closed took that for a failure") {
  on_core([]() -> lull::task<> {
    tcp_service of(any_port(), {.connections = 1}, nullptr);
    {
      raw_peer peer(of.listener.local());
      peer.send("ab\n");
      ANSWER(peer, "answer ab\n");
      co_await of.listener.close();
    }
    co_await of.scope.join();
    CHECK(!of.error);
  });
}

TEST_CASE("a listener whose descriptor somebody else had closed passed for one that was closed") {
  on_core([]() -> lull::task<> {
    auto listener = any_port();
    close_descriptor_of(listener);
    auto serving = lull::serve(listener, line_handler{nullptr});
    const auto served = co_await std::move(serving);
    CHECK(served.error() == std::errc::bad_file_descriptor);
  });
}
