// SPDX-License-Identifier: MIT
#include <lull/io/unix_datagram_socket.hpp>

#include <sys/socket.h>

#include <array>
#include <functional>
#include <string>
#include <system_error>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "../ring/watching_kernel.hpp"
#include "on_core.hpp"
#include "text_of.hpp"

using io_test::on_core;

namespace {

constexpr int many = 40;  // more than a queue takes

std::string text_of_number(int i) { return "datagram " + std::to_string(i); }

lull::task<> send_many(const lull::unix_address& to, bool connects) {
  auto from = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
  if (connects) (co_await from.connect(to)).value();
  const std::array<int, 1> passed{from.descriptor()};
  for (int i = 0; i < many; ++i) {
    const std::string text = text_of_number(i);
    const auto sent =
        connects ? co_await from.send(text, passed) : co_await from.send_to(to, text, passed);
    CHECK(sent.value() == text.size());
  }
  co_await from.close();
}

lull::task<> send_when_there_is_room(lull::unix_datagram_socket& from, const lull::unix_address& to,
                                     std::error_code& error) {
  const auto sent = co_await from.send_to(to, "x");
  error = sent.error();
}

class counting_sends : public test::watching_kernel {
 public:
  int sends = 0;

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    sends += entry.opcode == IORING_OP_SENDMSG ? 1 : 0;
  }
};

}  // namespace

TEST_CASE("a Unix datagram that had to wait for room with the receiver came empty") {
  on_core([]() -> lull::task<> {
    for (const bool connects : {false, true}) {
      auto receiver = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
      const lull::unix_address name = receiver.local().value();
      lull::scope sending;
      sending.spawn(send_many, std::cref(name), connects);
      for (int i = 0; i < many; ++i) {
        if (i % 8 == 0) co_await lull::sleep(std::chrono::milliseconds(1));  // the queue is full
        std::array<std::byte, 64> room;
        const auto got = co_await receiver.receive(room);
        CHECK(io_test::text_of(std::span(room).first(got->size)) == text_of_number(i));
        CHECK(got->descriptors.size() == 1);
      }
      co_await sending.join();
      co_await receiver.close();
    }
  });
}

TEST_CASE(
    "a close waits neither for room nor for the time at which a Unix datagram is sent again") {
  lull::manual_clock clock;
  for (const int sends : {0, 1, 8}) {  // not heard of by the kernel, refused, and often
    counting_sends kernel;
    on_core(
        io_test::with(clock),
        [&]() -> lull::task<> {
          auto receiver = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
          const lull::unix_address name = receiver.local().value();
          auto from = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
          while (::sendto(from.descriptor(), "x", 1, MSG_DONTWAIT, name.data(), name.size()) == 1) {
          }
          lull::scope sending;
          std::error_code error;
          sending.spawn(send_when_there_is_room, std::ref(from), std::cref(name), std::ref(error));
          co_await lull::yield();
          while (kernel.sends < sends) {
            co_await io_test::pass(clock, std::chrono::milliseconds(200));
          }
          if (sends != 0) co_await lull::yield();  // it has heard of that
          co_await from.close();
          co_await sending.join();
          CHECK(error == std::errc::operation_canceled);
          CHECK(kernel.sends == (sends == 0 ? 1 : sends));
        },
        kernel);
  }
}

TEST_CASE("a Unix datagram that waits for room is stopped, and ends as its socket is closed") {
  on_core([]() -> lull::task<> {
    auto receiver = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
    const lull::unix_address name = receiver.local().value();
    for (const int pause_us : {-1, 0, 50, 500}) {
      for (const bool by_close : {false, true}) {
        auto from = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
        while (::sendto(from.descriptor(), "x", 1, MSG_DONTWAIT, name.data(), name.size()) == 1) {}
        lull::scope sending;
        std::error_code error;
        sending.spawn(send_when_there_is_room, std::ref(from), std::cref(name), std::ref(error));
        if (pause_us < 0) {
          co_await lull::yield();  // the kernel has not heard of it yet
        } else {
          co_await lull::sleep(std::chrono::microseconds(pause_us));
        }
        if (by_close) {
          co_await from.close();
        } else {
          sending.request_stop();
        }
        co_await sending.join();
        CHECK(error == std::errc::operation_canceled);
      }
    }
  });
}
