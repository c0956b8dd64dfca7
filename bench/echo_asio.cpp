// SPDX-License-Identifier: MIT
// A peer of the echo rows: asio's coroutines on epoll, in one thread, which asio is told, and with
// the type of the executor known to the compiler, so that nothing is erased that need not be.
//
// Usage: echo_asio PORT. Listens on 127.0.0.1 until it is killed.

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "sched_asio.hpp"

namespace {

using asio::ip::tcp;
using executor = asio::io_context::executor_type;
using stream = asio::basic_stream_socket<tcp, executor>;
using acceptor = asio::basic_socket_acceptor<tcp, executor>;
using nothing = asio::awaitable<void, executor>;
constexpr asio::use_awaitable_t<executor> awaited;

constexpr std::size_t buffer_bytes = 32 * 1024;

nothing echo(stream peer) {
  std::array<char, buffer_bytes> buffer;
  try {
    for (;;) {
      const std::size_t got = co_await peer.async_read_some(asio::buffer(buffer), awaited);
      co_await asio::async_write(peer, asio::buffer(buffer, got), awaited);
    }
  } catch (const std::system_error&) {  // that is how the end of the stream comes
  }
}

nothing accept_all(acceptor& listener) {
  for (;;) {
    stream peer = co_await listener.async_accept(awaited);
    const executor where = peer.get_executor();
    asio::co_spawn(where, echo(std::move(peer)), asio::detached);
  }
}

void serve(std::uint16_t port) {
  asio::io_context context(ASIO_CONCURRENCY_HINT_UNSAFE);
  acceptor listener(context.get_executor());
  listener.open(tcp::v4());
  listener.set_option(tcp::acceptor::reuse_address(true));
  listener.set_option(tcp::no_delay(true));  // inherited by what it accepts
  listener.bind(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  listener.listen(4096);
  asio::co_spawn(context, accept_all(listener), asio::detached);
  context.run();
}

}  // namespace

int main(int argument_count, char** arguments) {
  const int port = argument_count == 2 ? std::atoi(arguments[1]) : 0;
  if (port < 1 || port > 65535) {
    std::fprintf(stderr, "usage: echo_asio PORT (1 to 65535, on 127.0.0.1)\n");
    return 2;
  }
  try {
    serve(static_cast<std::uint16_t>(port));
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "echo_asio: %s\n", failure.what());
    return 1;
  }
}
