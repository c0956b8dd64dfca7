// SPDX-License-Identifier: MIT
#pragma once

// A connection on its core: its socket, and the receive that runs by itself once receive() without
// a buffer was first awaited. The kernel fills buffers of the core's pool; what it filled waits
// here as pieces until the owner reads it. Core-local.
//
// | receiving | means                                                                          |
// |-----------|--------------------------------------------------------------------------------|
// | idle      | nothing is with the kernel; begun when somebody waits and nothing is unread     |
// | armed     | the kernel goes on receiving                                                    |
// | pausing   | too much is unread: being cancelled, and begun again when it has been read      |
// | starved   | every buffer is in use: waits in the pool's queue                               |
// | spare     | one receive into a block of the heap                                            |

#include <cstdint>

#include "../base/assert.hpp"
#include "../sched/wait_node.hpp"
#include "address.hpp"
#include "buffers.hpp"
#include "socket_state.hpp"

namespace lull::detail {

class stream_state final : public socket_state, private completion_target {
 public:
  stream_state(io_core& on, int descriptor, const address& peer) noexcept
      : socket_state(on, descriptor), completion_target(&stream_state::received), peer_(peer) {}
  ~stream_state() override;

  const address& peer() const noexcept { return peer_; }

  // Whether received bytes come by way of the pool: receive() was awaited before.
  bool by_pieces() const noexcept { return pool_ != nullptr; }
  // Turns to pieces. Throws std::bad_alloc.
  void use_pieces() {
    if (pool_ == nullptr) pool_ = &io().buffers();
  }
  buffer_pool& pool() const noexcept { return *pool_; }

  // There is something to say at once: a piece, the end, or an error.
  bool has_news() const noexcept { return first_ != nullptr || ended_ || error_ != 0; }
  piece* first() const noexcept { return first_; }
  // The oldest piece, out of the queue. There is one.
  piece& pop() noexcept {
    piece& oldest = *first_;
    first_ = oldest.next;
    --unread_pieces_;
    unread_bytes_ -= oldest.bytes;
    return oldest;
  }
  // The first `bytes` of the oldest piece have been copied out.
  void consume(std::uint32_t bytes) noexcept;
  bool ended() const noexcept { return ended_; }
  int error() const noexcept { return error_; }
  std::uint32_t unread_bytes() const noexcept { return unread_bytes_; }

  // Makes `waiter` ready when there are news, or the socket closes. One at a time.
  void wait(suspension& waiter) noexcept;
  void stop_waiting() noexcept { waiter_ = nullptr; }
  // A receive into the caller's buffer is with the kernel, between these two; one at a time.
  void begin_reading() noexcept {
    check_one_receiver();
    reading_ = true;
  }
  void end_reading() noexcept { reading_ = false; }
  void check_one_receiver() const noexcept {
    LULL_ASSERT(
        waiter_ == nullptr && !reading_,
        "a stream is received from by two coroutines at a time; let one receive, and hand on "
        "what it gets");
  }

 private:
  friend class buffer_pool;

  enum class receiving : std::uint8_t { idle, armed, pausing, starved, spare };

  void let_go() noexcept override;
  void begin() noexcept;
  void begin_multishot() noexcept;
  void begin_spare() noexcept;
  void feed(bool from_ring) noexcept;
  void append(piece& record) noexcept;
  void pause() noexcept;
  void over(std::int32_t result) noexcept;
  void wake() noexcept;
  void drop_pieces() noexcept;

  static void received(completion_target& self, completion what) noexcept;
  static void spare_received(completion_target& self, completion what) noexcept;
  static void fill_multishot(submitter& self, submission entry) noexcept;
  static void fill_spare(submitter& self, submission entry) noexcept;
  static void fill_pause(submitter& self, submission entry) noexcept;

  buffer_pool* pool_ = nullptr;
  piece* first_ = nullptr;
  piece* last_ = nullptr;
  suspension* waiter_ = nullptr;
  stream_state* next_starved_ = nullptr;
  stream_state* previous_starved_ = nullptr;
  std::uint32_t unread_pieces_ = 0;
  std::uint32_t unread_bytes_ = 0;
  std::uint32_t spare_ = 0;
  int error_ = 0;
  receiving receiving_ = receiving::idle;
  bool ended_ = false;
  bool reading_ = false;
  address peer_;
};

}  // namespace lull::detail
