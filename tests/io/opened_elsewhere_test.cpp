// SPDX-License-Identifier: MIT
#include <lull/io/opened_elsewhere.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/unix_listener.hpp>
#include <lull/sched/scope.hpp>

#include "../allocations.hpp"
#include "on_core.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using lull::descriptor;

namespace {

// As a service manager makes them: nobody has set a flag that lull wants.
descriptor listening(int family) {
  descriptor made(::socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0));
  const lull::address tcp = lull::address::loopback(0);
  const sockaddr unnamed{.sa_family = AF_UNIX, .sa_data = {}};
  if (family == AF_UNIX) {
    REQUIRE(::bind(made.get(), &unnamed, sizeof(sa_family_t)) == 0);
  } else {
    REQUIRE(::bind(made.get(), tcp.data(), tcp.size()) == 0);
  }
  REQUIRE(::listen(made.get(), 4) == 0);
  return made;
}

// What one end sends comes to the other, and its end.
template <class Stream>
lull::task<> talk(Stream from, Stream to) {
  const auto sent = co_await from.send_all("hello");
  CHECK(sent);
  co_await from.close();
  std::byte buffer[16];
  const auto got = co_await to.receive_exactly(std::span(buffer).first(5));
  CHECK(got);
  CHECK(std::string_view(reinterpret_cast<const char*>(buffer), 5) == "hello");
  const auto rest = co_await to.receive(buffer);
  CHECK(rest.value() == 0);
}

template <class Listener>
lull::task<> serve_one(Listener listener) {
  auto client = co_await lull::connect(listener.local());
  auto served = co_await listener.accept();
  auto talking = talk(std::move(client).value(), std::move(served).value());
  co_await std::move(talking);
}

template <class Taken>
std::string refusal(Taken&& taken, std::errc code) {
  REQUIRE_FALSE(taken);
  CHECK(taken.error() == code);
  return taken.message();
}

}  // namespace

TEST_CASE("a listener that a service manager has opened is accepted from") {
  on_core([]() -> lull::task<> {
    auto made = listening(AF_INET);
    const int number = made.get();
    auto taken = lull::tcp_listener::of(std::move(made)).value();
    CHECK(taken.local().port() != 0);
    CHECK((::fcntl(number, F_GETFL) & O_NONBLOCK) == 0);
    CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
    auto tcp = serve_one(std::move(taken));
    co_await std::move(tcp);
    auto unix = serve_one(lull::unix_listener::of(listening(AF_UNIX)).value());
    co_await std::move(unix);
  });
}

TEST_CASE("a connection that was opened elsewhere is one of lull's") {
  on_core([]() -> lull::task<> {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    auto one = lull::unix_stream::of(descriptor(ends[0])).value();
    auto other = lull::unix_stream::of(descriptor(ends[1])).value();
    auto unix = talk(std::move(one), std::move(other));
    co_await std::move(unix);

    const descriptor listener = listening(AF_INET);
    sockaddr_in name{};
    socklen_t bytes = sizeof(name);
    REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &bytes) == 0);
    descriptor client(::socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&name), bytes) == 0);
    auto from = lull::tcp_stream::of(std::move(client)).value();
    CHECK(from.peer().port() == ntohs(name.sin_port));
    int at_once = 0;
    bytes = sizeof(at_once);
    ::getsockopt(from.descriptor(), IPPROTO_TCP, TCP_NODELAY, &at_once, &bytes);
    CHECK(at_once == 1);  // as of connect and accept
    auto to = lull::tcp_stream::of(descriptor(::accept(listener.get(), nullptr, nullptr))).value();
    auto tcp = talk(std::move(from), std::move(to));
    co_await std::move(tcp);
  });
}

TEST_CASE("a descriptor that is taken without memory for it is closed") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    // The first makes the io layer; then memory for frames serves for a while.
    constexpr std::size_t most = 500;
    std::vector<lull::unix_stream> made;
    made.reserve(most);
    bool failed = false;
    while (!failed && made.size() < most) {
      int ends[2];
      REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
      ::close(ends[1]);
      descriptor one(ends[0]);
      try {
        const test::failing_allocations none(made.empty() ? 1000 : 0);
        made.push_back(lull::unix_stream::of(std::move(one)).value());
      } catch (const std::bad_alloc&) {
        failed = true;
        CHECK(::fcntl(ends[0], F_GETFD) == -1);
      }
    }
    CHECK(failed);

    descriptor listener = listening(AF_INET);
    const int number = listener.get();
    try {
      const test::failing_allocations none(0);
      static_cast<void>(lull::tcp_listener::of(std::move(listener)));
      CHECK(false);
    } catch (const std::bad_alloc&) {
      CHECK(::fcntl(number, F_GETFD) == -1);
    }
    co_return;
  });
}

TEST_CASE("a descriptor that is not what it is taken for is refused with a sentence") {
  on_core([]() -> lull::task<> {
    descriptor file(::open("/dev/null", O_RDONLY));
    CHECK_THAT(refusal(lull::tcp_listener::of(std::move(file)), std::errc::not_a_socket),
               ContainsSubstring("no socket"));
    CHECK_THAT(refusal(lull::tcp_stream::of(descriptor()), std::errc::bad_file_descriptor),
               ContainsSubstring("not open"));
    descriptor datagrams(::socket(AF_INET, SOCK_DGRAM, 0));
    CHECK_THAT(refusal(lull::tcp_stream::of(std::move(datagrams)), std::errc::wrong_protocol_type),
               ContainsSubstring("no socket of TCP"));
    CHECK_THAT(refusal(lull::unix_listener::of(listening(AF_INET)), std::errc::wrong_protocol_type),
               ContainsSubstring("no stream socket of Unix"));
    CHECK_THAT(refusal(lull::tcp_stream::of(listening(AF_INET)), std::errc::invalid_argument),
               ContainsSubstring("make a listener of it"));
    descriptor idle(::socket(AF_UNIX, SOCK_STREAM, 0));
    CHECK_THAT(refusal(lull::unix_listener::of(std::move(idle)), std::errc::invalid_argument),
               ContainsSubstring("does not listen"));
    co_return;
  });
}
