// SPDX-License-Identifier: MIT
#include <lull/ring/buffer_ring.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string_view>

#include <catch2/catch_test_macros.hpp>

#include "observer.hpp"

namespace {

// A multishot receive from a socket pair into a ring of `count` buffers.
struct receiving {
  receiving(unsigned count, bool incremental) : buffers(ring, 1, count, 64, incremental) {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    ring.try_submission(&received).receive_multishot(ends[0], buffers.group());
    ring.submit();
  }
  ~receiving() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  receiving(const receiving&) = delete;
  receiving& operator=(const receiving&) = delete;

  void send(std::string_view text) {
    REQUIRE(::send(ends[1], text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
  }
  lull::completion next(std::string_view text) {
    send(text);
    const std::size_t before = received.completions.size();
    REQUIRE(test::settle(ring, received, before + 1));
    return received.completions[before];
  }

  lull::ring ring;
  lull::buffer_ring buffers;
  test::observer received;
  int ends[2] = {-1, -1};
};

}  // namespace

TEST_CASE("each receive takes a buffer of its own") {
  receiving r(4, false);
  const auto first = r.next("one");
  const auto second = r.next("two");
  REQUIRE(first.result == 3);
  REQUIRE(first.has_buffer());
  REQUIRE(first.more());
  REQUIRE(first.buffer() != second.buffer());
  REQUIRE(std::memcmp(r.buffers.data(first.buffer()), "one", 3) == 0);
  REQUIRE(std::memcmp(r.buffers.data(second.buffer()), "two", 3) == 0);
}

TEST_CASE("without a free buffer the receive ends with ENOBUFS, and goes on with one given back") {
  receiving r(1, false);
  const auto first = r.next("one");
  r.send("two");
  // Linux 6.1 says so as soon as the last buffer is taken, later kernels when more arrives.
  REQUIRE(test::settle(r.ring, r.received, 2));
  const auto none = r.received.completions[1];
  REQUIRE(none.result == -ENOBUFS);
  REQUIRE_FALSE(none.more());
  r.buffers.give_back(first.buffer());
  r.ring.try_submission(&r.received).receive_multishot(r.ends[0], r.buffers.group());
  REQUIRE(test::settle(r.ring, r.received, 3));
  REQUIRE(r.received.completions[2].result == 3);
  REQUIRE(std::memcmp(r.buffers.data(r.received.completions[2].buffer()), "two", 3) == 0);
}

TEST_CASE("an incremental buffer is filled piece by piece") {
  if (!lull::detected_capabilities().incremental_buffers) {
    SKIP("this kernel has no incremental buffers; the fallback is tested above");
  }
  receiving r(2, true);
  const auto first = r.next("one");
  const auto second = r.next("two");
  REQUIRE(first.buffer() == second.buffer());
  REQUIRE(first.buffer_more());
  REQUIRE(std::memcmp(r.buffers.data(first.buffer()), "onetwo", 6) == 0);
}

TEST_CASE("a second ring of buffers of one group is refused with a reason") {
  lull::ring ring;
  const lull::buffer_ring first(ring, 3, 2, 64, false);
  REQUIRE_THROWS_AS(lull::buffer_ring(ring, 3, 2, 64, false), std::system_error);
}
