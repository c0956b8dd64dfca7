// SPDX-License-Identifier: MIT
#pragma once

// A TLS connection on its core, shared by the stream and by what it has in progress, so that either
// may go first. Steps of OpenSSL's state machine, which never wait, and between them what the peer
// has to send or to take. A failure of the protocol is the end of the connection, both ways.
// Core-local.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "../io/result.hpp"
#include "../io/tcp_stream.hpp"
#include "../sched/task.hpp"
#include "tls_client.hpp"
#include "tls_server.hpp"
#include "tls_transport.hpp"

namespace lull::detail {

class tls_state {
 public:
  // Throw std::bad_alloc; the stream closes in the background then.
  tls_state(tcp_stream stream, std::shared_ptr<const tls_server_contexts> contexts);
  tls_state(tcp_stream stream, std::shared_ptr<tls_client_context> context, std::string server);
  ~tls_state();
  tls_state(const tls_state&) = delete;
  tls_state& operator=(const tls_state&) = delete;

  static tls_state& of(const ssl_st& connection) noexcept;

  enum class step { done, wants_bytes, ended, failed };
  // `moved` is set when it is done.
  step handshake() noexcept;
  step read(std::span<std::byte> into, std::size_t& moved) noexcept;
  // Decrypts the next record and leaves it to read; done: there is something to read.
  step look() noexcept;
  step write(std::span<const std::byte> from, std::size_t& moved) noexcept;
  // What is to be read at once, of the record that was begun; 0: not known.
  std::size_t readable() const noexcept;
  // Puts the farewell (close_notify) into the queue, once.
  void say_farewell() noexcept;
  bool has_said_farewell() const noexcept;
  // There is a connection, and nothing has failed.
  bool is_good() const noexcept { return established_ && !failed_; }

  // What stands in the way of sending; nothing: nothing does.
  std::optional<failure> why_not_to_send() const noexcept;
  // co_await: sends what the kernel encrypts.
  task<result<void>> send_by_kernel(std::span<const std::span<const std::byte>> places);

  // co_await: sends what is in the queue, unless somebody does, and receives.
  task<result<void>> feed();
  tls_transport& transport() noexcept { return transport_; }
  const tls_transport& transport() const noexcept { return transport_; }
  ssl_st& connection() const noexcept { return *connection_; }

  // What failed, said of `operation`.
  failure why(const char* operation) const noexcept;
  void keep_session(openssl_owner<ssl_session_st> session);
  // Stops the program when the caller is not the core that it belongs to.
  void check_core(const char* operation) const noexcept;

 private:
  void open(ssl_ctx_st& context);
  bool expect(const std::string& server) noexcept;
  step after(int result) noexcept;

  core_context& home_;
  tls_transport transport_;
  std::shared_ptr<const tls_server_contexts> contexts_;  // of a server
  std::shared_ptr<tls_client_context> client_;
  std::string server_;
  openssl_owner<ssl_st> connection_;
  std::optional<failure> failed_;
  bool established_ = false;
};

}  // namespace lull::detail
