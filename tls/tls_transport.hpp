// SPDX-License-Identifier: MIT
#pragma once

// The encrypted side of a TLS connection: the TCP stream, what has come over it and was not read
// yet, what is to be sent over it. OpenSSL reads and writes memory here, by a BIO, and never waits;
// receiving and sending are awaited apart from it. What is to be sent is one queue, sent by one
// coroutine at a time; where that is stopped, the rest stays in the queue, so the peer sees no gap.
// Or the kernel encrypts: then the service's bytes go by send(), and the queue holds only what the
// protocol itself has to say. Core-local.

#include <cstddef>
#include <list>
#include <span>
#include <vector>

#include "../io/tcp_stream.hpp"
#include "../sched/mutex.hpp"
#include "../sched/task.hpp"
#include "tls_handles.hpp"
#include "tls_record.hpp"

namespace lull::detail {

class tls_transport {
 public:
  explicit tls_transport(tcp_stream stream) noexcept
      : stream_(std::move(stream)), peer_(stream_.peer()) {}

  // An end of it for OpenSSL. Throws std::bad_alloc.
  openssl_owner<bio_st> new_bio();

  tcp_stream& stream() noexcept { return stream_; }
  const tcp_stream& stream() const noexcept { return stream_; }
  const peer_name& peer() const noexcept { return peer_; }
  // Closes in the background; what is in flight ends.
  void drop() noexcept { tcp_stream(std::move(stream_)); }

  // co_await: receives; false at the end of the stream.
  task<result<bool>> receive();
  // co_await: sends all that is in the queue.
  task<result<void>> flush();
  // Where the kernel encrypts. co_await: the turn to send, with all sent that was in the queue.
  task<result<mutex_lock>> turn();
  // co_await: sends some bytes, by who has the turn.
  task<result<std::size_t>> send(std::span<const std::byte> bytes);
  bool is_flushing() const noexcept { return flushes_; }
  // In bytes, with what a record takes beside its own.
  std::size_t queued() const noexcept;
  bool has_queued() const noexcept {
    return !queue_.empty() || sent_ != in_flight_.size() || !records_.empty();
  }

  // Memory that the queue has, in bytes: at most twice limits::tls_kept while it is empty.
  std::size_t room() const noexcept { return queue_.capacity() + in_flight_.capacity(); }

  // For the BIO: takes what has come; appends to the queue, false without memory.
  std::size_t take(std::span<std::byte> into) noexcept;
  bool append(std::span<const std::byte> bytes) noexcept;
  // Sends what is in the queue without waiting, and then lets the kernel encrypt; false: it cannot,
  // and OpenSSL goes on.
  bool hand_over(const void* keys) noexcept;
  bool kernel_sends() const noexcept { return kernel_sends_; }
  // The peer was told to expect other keys than the kernel has.
  bool has_promised_keys() const noexcept { return promised_keys_; }
  // What is appended next is a record of that type; 0: none of its own.
  void next_is_record(unsigned char type) noexcept { next_type_ = type; }

 private:
  task<result<void>> send_records();
  task<result<void>> all_has_left();

  tcp_stream stream_;
  peer_name peer_;
  received incoming_;
  std::size_t taken_ = 0;  // of it
  std::vector<std::byte> queue_;
  std::vector<std::byte> in_flight_;
  std::size_t sent_ = 0;  // of it
  mutex one_at_a_time_;
  bool flushes_ = false;

  std::list<tls_record> records_;  // where the kernel encrypts
  unsigned char next_type_ = 0;
  bool kernel_sends_ = false;
  bool promised_keys_ = false;
};

}  // namespace lull::detail
