// SPDX-License-Identifier: MIT
// A peer of the echo rows: libuv, in one thread. What was received is written at once where the
// socket takes it (uv_try_write), from the buffer that all connections share; only the rest is
// copied into a write of libuv's own, and then nothing more is read from that peer until it ends.
//
// Usage: echo_libuv PORT. Listens on 127.0.0.1 until it is killed.

#include <netinet/in.h>
#include <uv.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

constexpr std::size_t buffer_bytes = 64 * 1024;
char shared_buffer[buffer_bytes];

struct connection {
  uv_tcp_t socket;  // its `data` is the connection
  uv_write_t write;
  std::string unsent;
};

void check(int result, const char* what) {
  if (result >= 0) return;
  std::fprintf(stderr, "echo_libuv: %s: %s\n", what, uv_strerror(result));
  std::exit(1);
}

uv_stream_t* stream_of(connection& peer) { return reinterpret_cast<uv_stream_t*>(&peer.socket); }

void drop(connection& peer) {
  uv_close(reinterpret_cast<uv_handle_t*>(&peer.socket),
           [](uv_handle_t* closed) { delete static_cast<connection*>(closed->data); });
}

void lend_buffer(uv_handle_t*, std::size_t, uv_buf_t* buffer) {
  *buffer = uv_buf_init(shared_buffer, buffer_bytes);
}

void received(uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer);

void wrote(uv_write_t* write, int result) {
  connection& peer = *static_cast<connection*>(write->data);
  if (result < 0) return drop(peer);
  check(uv_read_start(stream_of(peer), lend_buffer, received), "reading cannot be resumed");
}

void received(uv_stream_t* stream, ssize_t got, const uv_buf_t* buffer) {
  connection& peer = *static_cast<connection*>(stream->data);
  if (got == 0) return;  // nothing was there after all
  if (got < 0) return drop(peer);
  uv_buf_t answer = uv_buf_init(buffer->base, static_cast<unsigned>(got));
  const int taken = uv_try_write(stream, &answer, 1);
  if (taken == got) return;
  if (taken < 0 && taken != UV_EAGAIN) return drop(peer);
  const std::size_t done = taken < 0 ? 0 : static_cast<std::size_t>(taken);
  peer.unsent.assign(buffer->base + done, static_cast<std::size_t>(got) - done);
  uv_read_stop(stream);
  uv_buf_t rest = uv_buf_init(peer.unsent.data(), static_cast<unsigned>(peer.unsent.size()));
  check(uv_write(&peer.write, stream, &rest, 1, wrote), "a write cannot be begun");
}

void connected(uv_stream_t* listener, int result) {
  check(result, "accept failed");
  auto* const peer = new connection{};
  peer->socket.data = peer->write.data = peer;
  check(uv_tcp_init(listener->loop, &peer->socket), "no socket");
  check(uv_accept(listener, stream_of(*peer)), "accept failed");
  uv_tcp_nodelay(&peer->socket, 1);
  check(uv_read_start(stream_of(*peer), lend_buffer, received), "reading cannot be begun");
}

void serve(int port) {
  uv_loop_t* const loop = uv_default_loop();
  uv_tcp_t listener;
  sockaddr_in address{};
  check(uv_ip4_addr("127.0.0.1", port, &address), "no address");
  check(uv_tcp_init(loop, &listener), "no socket");
  check(uv_tcp_bind(&listener, reinterpret_cast<const sockaddr*>(&address), 0),
        "the port cannot be bound (is it in use?)");
  check(uv_listen(reinterpret_cast<uv_stream_t*>(&listener), 4096, connected), "listening failed");
  uv_run(loop, UV_RUN_DEFAULT);
}

}  // namespace

int main(int argument_count, char** arguments) {
  const int port = argument_count == 2 ? std::atoi(arguments[1]) : 0;
  if (port < 1 || port > 65535) {
    std::fprintf(stderr, "usage: echo_libuv PORT (1 to 65535, on 127.0.0.1)\n");
    return 2;
  }
  serve(port);
}
