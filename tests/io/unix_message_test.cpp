// SPDX-License-Identifier: MIT
// Descriptors that are passed, and that none is left behind: on_core counts them.
#include <fcntl.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstring>
#include <lull/io/unix_datagram_socket.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>
#include <thread>
#include <vector>

#include "unix_pair.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::open_descriptors;
using io_test::socket_folder;
using io_test::unix_connected;
using io_test::unix_pair;

namespace {

// Both ends of a pipe.
struct test_pipe {
  test_pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    reads = lull::descriptor(ends[0]);
    writes = lull::descriptor(ends[1]);
  }

  lull::descriptor reads;
  lull::descriptor writes;
};

// Passes more descriptors than the library does.
void pass_by_hand(int socket, int what, std::size_t count) {
  std::vector<int> all(count, what);
  alignas(cmsghdr) char control[CMSG_SPACE(64 * sizeof(int))] = {};
  char byte = 'x';
  iovec part{&byte, 1};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(count * sizeof(int));
  cmsghdr* const head = CMSG_FIRSTHDR(&message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(count * sizeof(int));
  std::memcpy(CMSG_DATA(head), all.data(), count * sizeof(int));
  REQUIRE(::sendmsg(socket, &message, 0) == 1);
}

}  // namespace

TEST_CASE("a descriptor is closed when its owner goes") {
  const std::size_t before = open_descriptors();
  {
    test_pipe pipe;
    lull::descriptor moved = std::move(pipe.reads);
    CHECK(!pipe.reads);
    CHECK(moved.get() >= 0);
    CHECK(open_descriptors() == before + 2);
    moved = std::move(pipe.writes);
    CHECK(open_descriptors() == before + 1);
    lull::descriptor again(moved.release());
    CHECK(moved.get() == -1);
    CHECK(open_descriptors() == before + 1);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("passed descriptors work, are closed on exec and belong to the message") {
  on_core([]() -> lull::task<> {
    unix_pair both = co_await unix_connected();
    test_pipe pipe;
    const std::size_t before = open_descriptors();
    const std::array<int, 2> given{pipe.reads.get(), pipe.writes.get()};
    auto sent = co_await both.near.send_message("two", given);
    REQUIRE(sent);
    CHECK(*sent == 3);
    std::array<std::byte, 8> into;
    {
      auto got = co_await both.far.receive_message(into);
      REQUIRE(got);
      CHECK(got->size == 3);
      CHECK(!got->descriptors_lost);
      REQUIRE(got->descriptors.size() == 2);
      CHECK(::fcntl(got->descriptors[0].get(), F_GETFD) == FD_CLOEXEC);
      REQUIRE(::write(got->descriptors[1].get(), "!", 1) == 1);
      char byte = 0;
      CHECK(::read(pipe.reads.get(), &byte, 1) == 1);
      const lull::descriptor kept = std::move(got->descriptors[0]);
      auto moved = std::move(*got);
      CHECK(got->descriptors.empty());
      CHECK(open_descriptors() == before + 2);
    }
    CHECK(open_descriptors() == before);
    auto plain = co_await both.near.send_message("none", {});
    REQUIRE(plain);
    auto none = co_await both.far.receive_message(into);
    REQUIRE(none);
    CHECK(none->descriptors.empty());
    co_await both.near.close();
    auto end = co_await both.far.receive_message(into);
    REQUIRE(end);
    CHECK(end->size == 0);
  });
}

TEST_CASE("descriptors beyond what a message takes are told and not kept") {
  on_core([]() -> lull::task<> {
    unix_pair both = co_await unix_connected();
    test_pipe pipe;
    const std::size_t before = open_descriptors();
    pass_by_hand(both.near.descriptor(), pipe.reads.get(), 20);
    std::array<std::byte, 8> into;
    {
      auto got = co_await both.far.receive_message(into);
      REQUIRE(got);
      CHECK(got->descriptors_lost);
      CHECK(got->descriptors.size() == lull::descriptor_list::most);
    }
    CHECK(open_descriptors() == before);
  });
}

TEST_CASE("descriptors that nobody asked for are closed") {
  on_core([]() -> lull::task<> {
    unix_pair both = co_await unix_connected();
    test_pipe pipe;
    const std::size_t before = open_descriptors();
    std::array<std::byte, 8> into;
    for (const bool into_buffer : {true, false}) {
      pass_by_hand(both.near.descriptor(), pipe.reads.get(), 3);
      if (into_buffer) {
        auto got = co_await both.far.receive(into);
        REQUIRE(got);
      } else {
        auto got = co_await both.far.receive();
        REQUIRE(got);
      }
      CHECK(open_descriptors() == before);
    }
    // Those that nobody received go with the socket; on_core counts.
    pass_by_hand(both.far.descriptor(), pipe.reads.get(), 3);
  });
}

TEST_CASE(
    "the descriptor of a peer's process, which a socket may be told to bring, was left open") {
  on_core([]() -> lull::task<> {
    auto from = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
    auto to = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
    constexpr int pass_process = 76;  // SO_PASSPIDFD, for which glibc has no name yet
    const int on = 1;
    if (::setsockopt(to.descriptor(), SOL_SOCKET, pass_process, &on, sizeof(on)) != 0) {
      SKIP("this kernel passes no descriptors of processes");
    }
    std::byte some[8];
    for (int i = 0; i < 3; ++i) {
      const auto sent = co_await from.send_to(to.local().value(), "x");
      CHECK(sent);
      const auto got = co_await to.receive(some);
      CHECK(got);
    }
  });
}

TEST_CASE("descriptors that race with a stop are delivered or stay") {
  on_core([]() -> lull::task<> {
    unix_pair both = co_await unix_connected();
    test_pipe pipe;
    const std::size_t before = open_descriptors();
    std::array<std::byte, 8> into;
    const int given = pipe.reads.get();
    int came = 0;
    for (int i = 0; i < 60; ++i) {
      lull::scope scope;
      std::size_t count = 0;
      scope.spawn([&]() -> lull::task<> {
        auto got = co_await both.far.receive_message(into);
        if (got) count = got->descriptors.size();
      });
      co_await lull::yield();
      if (i % 2 == 0) co_await lull::yield();
      pass_by_hand(both.near.descriptor(), given, 1);
      if (i % 3 == 0) co_await lull::yield();
      scope.request_stop();
      co_await scope.join();
      CHECK(open_descriptors() == before);
      if (count == 0) {
        auto rest = co_await both.far.receive_message(into);
        REQUIRE(rest);
        count = rest->descriptors.size();
      }
      came += static_cast<int>(count);
    }
    CHECK(came == 60);
  });
}

TEST_CASE("Unix datagrams tell their sender, are answered, and carry descriptors") {
  const socket_folder folder;
  on_core([&folder]() -> lull::task<> {
    auto server = lull::unix_datagram_socket::bind(folder.name()).value();
    auto client = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
    CHECK(server.local().value() == folder.name());
    test_pipe pipe;
    const std::array<int, 1> given{pipe.reads.get()};
    auto sent = co_await client.send_to(folder.name(), "question", given);
    REQUIRE(sent);
    std::array<std::byte, 8> into;
    {
      auto got = co_await server.receive(into);
      REQUIRE(got);
      CHECK(got->size == 8);
      CHECK(!got->truncated());
      CHECK(got->descriptors.size() == 1);
      CHECK(got->peer == client.local().value());
      auto answered = co_await server.send_to(got->peer, "a longer answer", given);
      REQUIRE(answered);
    }
    {
      auto cut = co_await client.receive(into);
      REQUIRE(cut);
      CHECK(cut->truncated());
      CHECK(cut->size == 8);
      CHECK(cut->sent_size == 15);
      CHECK(cut->descriptors.size() == 1);
    }
    auto connected = co_await client.connect(folder.name());
    REQUIRE(connected);
    auto again = co_await client.send("");
    CHECK(again);
    auto empty = co_await server.receive(into);
    REQUIRE(empty);
    CHECK(empty->size == 0);
    co_await server.close();
    auto refused = co_await client.send("nobody");
    CHECK(refused.error() == std::errc::connection_refused);
    CHECK_THAT(refused.message(),
               ContainsSubstring("send message " + lull::peer_name(folder.name()).to_string()));
    auto taken = lull::unix_datagram_socket::bind(folder.name());
    CHECK(taken.error() == std::errc::address_in_use);
    auto replaced = lull::unix_datagram_socket::bind(folder.name(), true);
    CHECK(replaced);
    auto stream = co_await lull::connect(folder.name());
    CHECK(stream.error() == std::errc::wrong_protocol_type);
    auto nowhere = co_await replaced->send_to(lull::unix_address::of("@lull-nobody"), "x");
    CHECK(nowhere.error() == std::errc::connection_refused);
  });
}

TEST_CASE("a Unix datagram socket is stopped and closed while it waits") {
  on_core([]() -> lull::task<> {
    auto socket = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
    std::array<std::byte, 8> into;
    auto late = co_await lull::timeout(std::chrono::milliseconds(1), socket.receive(into));
    CHECK(late.timed_out());
    lull::scope scope;
    std::error_code error;
    scope.spawn([&]() -> lull::task<> {
      auto got = co_await socket.receive(into);
      error = got.error();
    });
    co_await lull::yield();
    co_await socket.close();
    co_await scope.join();
    CHECK(error == std::errc::operation_canceled);
    auto closed = co_await socket.receive(into);
    CHECK(closed.error() == std::errc::bad_file_descriptor);
  });
}
