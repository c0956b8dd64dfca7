// SPDX-License-Identifier: MIT
#include <lull/ring/kernel.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("calls that fail give a negative errno") {
  lull::kernel& kernel = lull::real_kernel();
  REQUIRE(kernel.close(-1) == -EBADF);
  REQUIRE(kernel.enter(-1, 0, 0, 0, nullptr, 0) == -EBADF);
  REQUIRE(kernel.listen(-1, 1) == -EBADF);
  REQUIRE(kernel.signal_event(-1) == -EBADF);
  REQUIRE(kernel.socket(-1, SOCK_STREAM, 0) == -EAFNOSUPPORT);
}

TEST_CASE("an event descriptor counts its signals") {
  lull::kernel& kernel = lull::real_kernel();
  const int event = kernel.event_descriptor();
  REQUIRE(event >= 0);
  REQUIRE(kernel.signal_event(event) == 8);
  REQUIRE(kernel.signal_event(event) == 8);
  std::uint64_t count = 0;
  REQUIRE(::read(event, &count, sizeof(count)) == 8);
  REQUIRE(count == 2);
  REQUIRE(kernel.close(event) == 0);
}

TEST_CASE("a socket is bound, listens and knows its address") {
  lull::kernel& kernel = lull::real_kernel();
  const int listener = kernel.socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(listener >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(kernel.bind(listener, generic, sizeof(address)) == 0);
  REQUIRE(kernel.listen(listener, 1) == 0);
  socklen_t bytes = sizeof(address);
  REQUIRE(kernel.local_address(listener, generic, &bytes) == 0);
  REQUIRE(address.sin_port != 0);
  REQUIRE(kernel.peer_address(listener, generic, &bytes) == -ENOTCONN);
  kernel.close(listener);
}
