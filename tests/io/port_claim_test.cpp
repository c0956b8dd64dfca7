// SPDX-License-Identifier: MIT
#include <lull/io/port_claim.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/socket_options.hpp>
#include <lull/io/tcp_listener.hpp>

#include "../ring/observer.hpp"
#include "on_core.hpp"
#include "raw_peer.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::raw_peer;
using lull::address;
using lull::tcp_listener;

namespace {

// Another program that binds a port like lull, and gets to listen just before this one does.
class overtaking final : public test::passing_kernel {
 public:
  explicit overtaking(int other) noexcept : other_(other) {}

  int listen(int descriptor, int backlog) noexcept override {
    const int on = 1;
    if (::listen(other_, backlog) != 0) return -ENOTRECOVERABLE;
    ::setsockopt(other_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    return passing_kernel::listen(descriptor, backlog);
  }

 private:
  int other_;
};

}  // namespace

TEST_CASE("two programs that were started at the same moment shared a port") {
  const int on = 1;
  const int ends[] = {::socket(AF_INET, SOCK_STREAM, 0), ::socket(AF_INET, SOCK_STREAM, 0)};
  for (const int one : ends) ::setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const address any = address::loopback(0);
  REQUIRE(::bind(ends[0], any.data(), any.size()) == 0);
  overtaking seam(ends[0]);
  const address wanted = lull::detail::local_name(seam, ends[0], any);
  lull::detail::port_claim claim;
  CHECK(claim.listen(seam, ends[1], wanted, 10) == -EADDRINUSE);
  for (const int one : ends) ::close(one);
}

TEST_CASE("a program that was started twice shared its port with itself") {
  on_core([]() -> lull::task<> {
    const int other = ::socket(AF_INET, SOCK_STREAM, 0);  // another program's
    const int on = 1;
    ::setsockopt(other, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    const auto wanted = address::loopback(0);
    REQUIRE(::bind(other, wanted.data(), wanted.size()) == 0);
    REQUIRE(::listen(other, 10) == 0);
    sockaddr_in name{};
    socklen_t bytes = sizeof(name);
    REQUIRE(::getsockname(other, reinterpret_cast<sockaddr*>(&name), &bytes) == 0);
    const auto taken = address::loopback(ntohs(name.sin_port));
    auto refused = tcp_listener::bind(taken);
    CHECK(refused.error() == std::errc::address_in_use);
    CHECK_THAT(refused.message(), ContainsSubstring("stop the program that has it"));
    auto shared = tcp_listener::bind(taken, {.across_programs = true});
    CHECK(shared);
    ::close(other);
    co_return;
  });
}

TEST_CASE("a port is free again for this program and others when its listeners are closed") {
  on_core([]() -> lull::task<> {
    address here;
    std::optional<lull::tcp_stream> connection;  // which the port still has
    std::optional<raw_peer> peer;
    {
      auto first = tcp_listener::bind(address::loopback(0)).value();
      here = first.local();
      peer.emplace(here);
      auto accepted = co_await first.accept();
      connection.emplace(std::move(accepted).value());
      auto second = tcp_listener::bind(here).value();
      auto closing = first.close();
      co_await closing;
      auto third = tcp_listener::bind(here).value();
      for (tcp_listener* const one : {&second, &third}) {
        auto ending = one->close();
        co_await ending;
      }
    }
    auto again = tcp_listener::bind(here);
    CHECK(again);
  });
}
