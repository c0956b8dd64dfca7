// SPDX-License-Identifier: MIT

// What echo_instructions_test.py runs under callgrind: `counted_echo MESSAGES`. Sixteen connections
// are served by a core that is driven here; each gets that many messages of 64 bytes, one at a
// time, and only what the core does is counted.

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/core.hpp>
#include <lull/sched/scope.hpp>

namespace {

constexpr std::size_t connections = 16;
constexpr std::size_t message_bytes = 64;

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
  counted_service(service, answered + peers.size());
  for (const int peer : peers) {
    std::array<char, message_bytes> answer{};
    if (::recv(peer, answer.data(), answer.size(), MSG_WAITALL) != message_bytes) return false;
    if (answer != message) return false;
  }
  return true;
}

bool run(std::size_t messages) {
  lull::domain domain;
  lull::core service(0, domain, {});
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
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: counted_echo MESSAGES (for each of 16 connections)\n");
    return 2;
  }
  return run(std::strtoull(arguments[1], nullptr, 10)) ? 0 : 1;
}
