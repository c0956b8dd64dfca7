// SPDX-License-Identifier: MIT
// Operations that end in the kernel though nobody has asked them to: the process is stopped and
// continued, as by ^Z, or another who has the same open file closes it.
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <functional>
#include <string>
#include <system_error>
#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/connect.hpp>
#include <lull/io/event_descriptor.hpp>
#include <lull/io/pipe.hpp>
#include <lull/io/stat.hpp>
#include <lull/io/unix_datagram_socket.hpp>
#include <lull/io/unix_listener.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "../run_child.hpp"
#include "connected.hpp"
#include "on_core.hpp"
#include "text_of.hpp"

using io_test::on_core;
using namespace std::chrono_literals;

namespace {

constexpr unsigned longest_s = 30;

// Stops this process, which goes on soon.
void stop_and_continue() {
  const ::pid_t self = ::getpid();
  const ::pid_t other = ::fork();
  if (other == 0) {
    ::kill(self, SIGSTOP);
    ::usleep(20'000);
    ::kill(self, SIGCONT);
    ::_exit(0);
  }
  ::waitpid(other, nullptr, 0);
}

// A datagram to a queue that is full, and a connection to a listener whose queue is.
lull::task<> wait_through_a_stop() {
  auto to = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
  auto from = lull::unix_datagram_socket::bind(lull::unix_address::any()).value();
  auto listener = lull::unix_listener::bind(lull::unix_address::any(), {.backlog = 0}).value();
  auto first = co_await lull::connect(listener.local());
  const lull::unix_address name = to.local().value();
  while (::sendto(from.descriptor(), "x", 1, MSG_DONTWAIT, name.data(), name.size()) == 1) {}
  std::string sent;
  std::string connected;
  lull::scope waiting;
  waiting.spawn([&]() -> lull::task<> {
    const auto last = co_await from.send_to(name, "last");
    sent = last.message();
  });
  waiting.spawn([&]() -> lull::task<> {
    const auto second = co_await lull::connect(listener.local());
    connected = second.message();
  });
  (void)co_await lull::sleep(20ms);  // threads of the kernel wait for room
  stop_and_continue();
  (void)co_await lull::sleep(20ms);
  std::fprintf(stderr, "%zu wait; ", waiting.size());
  std::byte some[8];
  for (std::size_t size = 1; size == 1;) {
    const auto got = co_await to.receive(some);
    size = got ? got->size : 0;
  }
  auto accepted = co_await listener.accept();
  auto also_accepted = co_await listener.accept();
  co_await waiting.join();
  std::fprintf(stderr, "sent: %s, connected: %s\n", sent.c_str(), connected.c_str());
}

lull::task<> read_text_into(lull::pipe_reader& from, std::string& text) {
  std::byte some[8];
  const auto got = co_await from.read(some);
  text = got ? std::string(io_test::text_of(std::span(some).first(*got))) : got.message();
}

// Another who has the same open file reads, and then closes it.
lull::task<> close_another(int descriptor) {
  (void)co_await lull::sleep(1ms);  // what is awaited of the one is in flight
  lull::pipe_reader same(lull::descriptor(::dup(descriptor)));
  lull::scope reading;
  std::string text;
  reading.spawn(read_text_into, std::ref(same), std::ref(text));
  (void)co_await lull::sleep(1ms);
  const auto closed = co_await same.close();
  CHECK(closed);
  co_await reading.join();
  CHECK_THAT(text, Catch::Matchers::ContainsSubstring("Operation canceled"));
  (void)co_await lull::sleep(1ms);
}

// A core on which the kernel may start no thread.
test::ended run_without_kernel_threads(std::function<lull::task<>()> main) {
  return test::run_child([&] {
    ::alarm(longest_s);
    const rlimit none{1, 1};
    ::setrlimit(RLIMIT_NPROC, &none);
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(2);
    lull::domain domain;
    lull::core core(0, domain, {});
    core.root().spawn(std::move(main));
    while (core.root().size() != 0) core.iterate(lull::when_idle::come_back);
    core.wind_up();
    ::_exit(0);
  });
}

}  // namespace

TEST_CASE("what waited for room when its process was stopped and continued failed with EINTR") {
  const test::ended end = test::run_child([] {
    ::alarm(longest_s);
    ::_exit(lull::run({.cores = {lull::all_cores()[0]}}, wait_through_a_stop));
  });
  CHECK(end.status == 0);
  CHECK(end.said == "2 wait; sent: , connected: \n");
}

TEST_CASE("what the kernel gives up for want of a thread was begun again, for ever") {
  const test::ended end = run_without_kernel_threads([]() -> lull::task<> {
    auto event = lull::event_descriptor::make().value();
    const auto added = co_await event.add(1);
    std::fprintf(stderr, "ended\n");
    static_cast<void>(added);
  });
  CHECK(end.signal == 0);
  CHECK(end.said == "ended\n");
}

TEST_CASE("what the kernel had no thread for failed as if somebody had asked it to stop") {
  const test::ended end = run_without_kernel_threads([]() -> lull::task<> {
    const auto looked = co_await lull::fs::stat("/");
    std::fprintf(stderr, "%d: %s\n", looked.error() == std::errc::resource_unavailable_try_again,
                 looked.message().c_str());
  });
  CHECK(end.signal == 0);
  CHECK_THAT(end.said, Catch::Matchers::StartsWith("1: stat /: "));
  CHECK_THAT(end.said, Catch::Matchers::ContainsSubstring("ulimit -u"));
}

TEST_CASE("a send without copying ended when another who has the same socket closed it") {
  on_core([]() -> lull::task<> {
    io_test::connection both = co_await io_test::connected(4096);
    io_test::small_send_buffer(both.stream);
    const std::string text = io_test::pattern(1'000'000);
    while (::send(both.stream.descriptor(), text.data(), text.size(), MSG_DONTWAIT) > 0) {}
    lull::scope sending;
    sending.spawn([&]() -> lull::task<> {
      const auto sent = co_await both.stream.send_all_zero_copy(text);
      static_cast<void>(sent);
    });
    auto closing = close_another(both.stream.descriptor());
    co_await std::move(closing);
    CHECK(sending.size() == 1);
    both.peer.reset();
    co_await sending.join();
  });
}

TEST_CASE("closing one of two who have the same end of a pipe ended what the other awaited") {
  on_core([]() -> lull::task<> {
    auto ends = lull::pipe().value();
    std::string text;
    lull::scope reading;
    reading.spawn(read_text_into, std::ref(ends.reader), std::ref(text));
    auto closing = close_another(ends.reader.descriptor());
    co_await std::move(closing);
    CHECK(reading.size() == 1);
    const auto written = co_await ends.writer.write("text");
    CHECK(written);
    co_await reading.join();
    CHECK(text == "text");
  });
}
