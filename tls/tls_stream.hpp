// SPDX-License-Identifier: MIT
#pragma once

// A TLS connection (1.2 or 1.3) over a TCP connection, with the same interface: a stream of bytes
// that may be read and written, half-closed and closed. Made by tls_connect and tls_accept, which
// suspend until both sides have agreed. Belongs to the core of its TCP stream; the object is two
// pointers.
//
// One coroutine may receive while another sends. A farewell of the peer (close_notify) is the end
// of the stream and a value: no bytes. A connection that ends without one is a failure
// (connection_aborted), for what was sent may be cut off. Every operation ends when its scope is
// asked to stop, loses nothing of what has come, and borrows the caller's bytes while it is
// awaited; each is a task, a frame, and throws nothing but std::bad_alloc. What a stopped send has
// encrypted already goes before what is sent next. Dropping an open stream closes it in the
// background without a farewell: the peer sees it cut off. An idle connection takes some 24 KiB,
// nearly all of it OpenSSL's; of its buffers at most twice limits::tls_kept is left.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "../io/peer_name.hpp"
#include "../io/result.hpp"
#include "../io/tcp_stream.hpp"
#include "../sched/task.hpp"
#include "tls_client.hpp"
#include "tls_received.hpp"
#include "tls_server.hpp"

struct ssl_st;

namespace lull {

namespace detail {

class tls_state;

}  // namespace detail

class tls_stream {
 public:
  // No connection: may be assigned to and dropped, nothing else.
  tls_stream() noexcept = default;
  explicit tls_stream(std::shared_ptr<detail::tls_state> state) noexcept
      : state_(std::move(state)) {}
  tls_stream(tls_stream&&) noexcept = default;
  tls_stream& operator=(tls_stream&& other) noexcept {
    std::swap(state_, other.state_);
    other.drop();
    return *this;
  }
  ~tls_stream() { drop(); }

  // co_await: the next bytes, at most a record (16 KiB); empty at the end of the stream.
  task<result<tls_received>> receive();
  // co_await: bytes into the caller's buffer; gives their number, 0 at the end of the stream.
  task<result<std::size_t>> receive(std::span<std::byte> into);
  // co_await: as many bytes as fit; gives their number, which is less only at the end of the
  // stream. After a failure or a stop an unknown part has been received.
  task<result<std::size_t>> receive_exactly(std::span<std::byte> into);

  // co_await: sends everything, or fails with an unknown part sent.
  task<result<void>> send_all(std::span<const std::byte> bytes);
  task<result<void>> send_all(std::string_view text) {
    return send_all(std::as_bytes(std::span(text.data(), text.size())));
  }
  // co_await: the same of several places, one after the other.
  task<result<void>> send_all(std::span<const std::span<const std::byte>> places);

  // co_await: says farewell and ends the sending half; the peer may still send.
  task<result<void>> shutdown();
  // co_await: says farewell, unless another sends, for which a peer that does not read is given
  // limits::tls_farewell; then ends whatever is in flight (operation_canceled), and closes. Cannot
  // be stopped. What is called on the stream afterwards fails with bad_file_descriptor.
  task<> close();

  // Bytes that have come, have been decrypted, and that nobody has received.
  std::size_t unread() const noexcept;
  // There is a connection, and it has not been closed from here.
  bool is_open() const noexcept;
  const address& peer() const noexcept;
  // With whom, as messages say it.
  const peer_name& remote() const noexcept;
  // What both sides agreed to speak (ALPN); empty: nothing.
  std::string_view protocol() const noexcept;
  // The name by which the client has asked for the server (SNI); empty: none.
  std::string_view server_name() const noexcept;
  // "TLSv1.3"
  std::string_view version() const noexcept;
  // The handshake was a short one, with a session of an earlier connection.
  bool is_resumed() const noexcept;
  // The kernel encrypts what is sent: it was wished for, and can be had.
  bool kernel_sends() const noexcept;
  // OpenSSL's part, for what is not named here: nothing is to be read, written or freed through it.
  ssl_st& connection() const noexcept;
  // The TCP stream, for its options: nothing is to be sent or received through it.
  tcp_stream& transport() noexcept;

 private:
  detail::tls_state& state() const noexcept;
  void drop() noexcept;

  std::shared_ptr<detail::tls_state> state_;
};

// co_await: TLS over a connection that was made, as its client. `server` is whom to expect, a name
// or a number: the certificate has to be for it, and the server is told a name. Whatever fails or
// is stopped, the connection is closed.
task<result<tls_stream>> tls_connect(tcp_stream connection, tls_client client, std::string server);
// co_await: the same with the connection, by the server's name.
task<result<tls_stream>> tls_connect(std::string server, std::uint16_t port, tls_client client);
// co_await: TLS over a connection that was accepted, as its server. A client may take as long as it
// likes: put a timeout around it.
task<result<tls_stream>> tls_accept(tcp_stream connection, tls_server server);

}  // namespace lull
