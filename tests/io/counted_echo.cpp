// SPDX-License-Identifier: MIT

// What echo_instructions_test.py runs under callgrind: `counted_echo MESSAGES`. Sixteen connections
// are served by a core that is driven here; each gets that many messages of 64 bytes, one at a
// time, and only what the core does is counted. `counted_echo MESSAGES --time` prints the
// nanoseconds that the core spends outside the kernel on each message, for ./dev bench io.

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/core.hpp>
#include <lull/sched/scope.hpp>

#include "../ring/observer.hpp"

namespace {

using clock_type = std::chrono::steady_clock;

constexpr std::size_t connections = 16;
constexpr std::size_t message_bytes = 64;

// The real kernel, and how long the core was in it.
class timed_kernel : public test::passing_kernel {
 public:
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (!times) return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
    const auto begin = clock_type::now();
    const int result = passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
    inside += clock_type::now() - begin;
    ++entered;
    return result;
  }

  bool times = false;
  clock_type::duration inside{};
  std::size_t entered = 0;
};

clock_type::duration of_services{};
std::size_t answered = 0;
lull::address where;

lull::task<> echo(lull::tcp_stream peer) {
  for (;;) {
    auto got = co_await peer.receive();
    if (!got || got->empty()) co_return;
    auto sent = co_await peer.send_all(*got);
    if (!sent) co_return;
    ++answered;
  }
}

lull::task<> serve(lull::scope* peers) {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
  where = listener.local();
  for (std::size_t i = 0; i < connections; ++i) {
    auto peer = co_await listener.accept();
    peers->spawn(echo, std::move(peer).value());
  }
}

// Until so many messages have been answered.
[[gnu::noinline]] void counted_service(lull::core& by, std::size_t messages) {
  while (answered < messages) by.iterate(lull::when_idle::come_back);
}

int connect_to(const lull::address& to) {
  const int descriptor = ::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0 || ::connect(descriptor, to.data(), to.size()) != 0) {
    std::perror("counted_echo: connecting");
    std::exit(1);
  }
  return descriptor;
}

bool ask_all(lull::core& service, const std::vector<int>& peers) {
  std::array<char, message_bytes> message;
  message.fill('m');
  for (const int peer : peers) {
    if (::send(peer, message.data(), message.size(), 0) != message_bytes) return false;
  }
  const auto begin = clock_type::now();
  counted_service(service, answered + peers.size());
  of_services += clock_type::now() - begin;
  for (const int peer : peers) {
    std::array<char, message_bytes> answer{};
    if (::recv(peer, answer.data(), answer.size(), MSG_WAITALL) != message_bytes) return false;
    if (answer != message) return false;
  }
  return true;
}

// Of reading the clock once, a share of which is in each time that is taken.
double clock_ns() {
  constexpr int readings = 100'000;
  const auto begin = clock_type::now();
  for (int i = 1; i < readings; ++i) static_cast<void>(clock_type::now());
  return std::chrono::duration<double, std::nano>(clock_type::now() - begin).count() / readings;
}

void print_time(const timed_kernel& kernel) {
  const std::chrono::duration<double, std::nano> outside = of_services - kernel.inside;
  // Of the two readings around an entry one falls outside of what they measure.
  const double clock = clock_ns() * static_cast<double>(kernel.entered);
  std::printf("%.2f\n", (outside.count() - clock) / static_cast<double>(answered));
}

bool run(std::size_t messages, timed_kernel& kernel) {
  lull::domain domain;
  lull::core service(0, domain, {}, kernel);
  service.root().spawn(serve, &service.root());
  service.iterate(lull::when_idle::come_back);
  std::vector<int> peers;
  for (std::size_t i = 0; i < connections; ++i) peers.push_back(connect_to(where));
  bool good = true;
  for (std::size_t i = 0; good && i < messages; ++i) good = ask_all(service, peers);
  for (const int peer : peers) ::close(peer);
  while (service.root().size() != 0) service.iterate(lull::when_idle::come_back);
  service.wind_up();
  return good;
}

}  // namespace

int main(int argument_count, char** arguments) {
  timed_kernel kernel;
  kernel.times = argument_count == 3 && std::strcmp(arguments[2], "--time") == 0;
  if (argument_count != (kernel.times ? 3 : 2)) {
    std::fprintf(stderr, "usage: counted_echo MESSAGES [--time] (for each of 16 connections)\n");
    return 2;
  }
  if (!run(std::strtoull(arguments[1], nullptr, 10), kernel)) return 1;
  if (kernel.times) print_time(kernel);
  return 0;
}
