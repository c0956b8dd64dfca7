// SPDX-License-Identifier: MIT
#pragma once

// A socket that receives on its core, and the receive that runs by itself once receive() without a
// buffer was first awaited. The kernel fills buffers of the core's pool; what it filled waits here
// as pieces until the owner reads it: parts of a stream, or a datagram each. Derived classes say
// how the kernel is asked. Core-local.
//
// | receiving | means                                                                          |
// |-----------|--------------------------------------------------------------------------------|
// | idle      | nothing is with the kernel; begun when somebody waits and nothing is unread     |
// | armed     | the kernel goes on receiving                                                    |
// | pausing   | too much is unread: being cancelled, and begun again when it has been read      |
// | starved   | every buffer is in use: waits in the pool's queue                               |
// | spare     | one receive into a block of the heap                                            |

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "../base/assert.hpp"
#include "../sched/wait_node.hpp"
#include "buffers.hpp"
#include "peer_name.hpp"
#include "socket_state.hpp"

namespace lull::detail {

class receiving_socket : public socket_state, private completion_target {
 public:
  ~receiving_socket() override;

  // Whom messages name: the peer, or the socket's own name when it has none.
  const peer_name& peer() const noexcept { return peer_; }

  bool has_datagrams() const noexcept { return datagrams_; }
  // Whether received bytes come by way of the pool: receive() was awaited before.
  bool by_pieces() const noexcept { return pool_ != nullptr; }
  // Turns to pieces. Throws std::bad_alloc.
  void use_pieces() {
    if (pool_ == nullptr) find_pool();
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
  // Copies as much of a stream as has come and fits, and drops it here.
  std::size_t copy_to(std::span<std::byte> into) noexcept;
  bool ended() const noexcept { return ended_; }
  // 0: none. That of a stream stays; one of datagrams is past when it has been told.
  int take_error() noexcept { return datagrams_ ? std::exchange(error_, 0) : error_; }
  std::uint32_t unread_bytes() const noexcept { return unread_bytes_; }

  // Makes `waiter` ready when there are news, or the socket closes. One at a time.
  void wait(suspension& waiter) noexcept;
  void stop_waiting() noexcept { waiter_ = nullptr; }
  // A receive into the caller's buffer is with the kernel, between these two; one at a time.
  void begin_reading(completion_target& reader) noexcept {
    check_one_receiver();
    reader_ = &reader;
  }
  void end_reading() noexcept { reader_ = nullptr; }
  void check_one_receiver() const noexcept {
    LULL_ASSERT(
        waiter_ == nullptr && reader_ == nullptr,
        "a %s is received from by two coroutines at a time; let one receive, and hand on what it "
        "gets",
        datagrams_ ? "socket" : "stream");
  }

 protected:
  // `datagrams`: nothing received is an empty datagram and not the end, and errors pass.
  receiving_socket(io_core& on, int descriptor, const peer_name& peer, bool datagrams) noexcept
      : socket_state(on, descriptor),
        completion_target(&receiving_socket::received),
        datagrams_(datagrams),
        peer_(peer) {}

  void set_peer(const peer_name& peer) noexcept { peer_ = peer; }

  // Asks for a receive into the pool's ring of buffers that goes on by itself.
  virtual void fill_receive(submission entry) noexcept = 0;
  // Asks for one receive into a spare block.
  virtual void fill_receive(submission entry, std::span<std::byte> into) noexcept = 0;
  // How much of the block is filled when the kernel has said `result` to that.
  virtual std::int32_t filled(std::span<std::byte> block, std::int32_t result) noexcept = 0;

  void let_go() noexcept override;
  completion_target* runs_by_itself() noexcept override {
    const bool runs = receiving_ != receiving::idle && receiving_ != receiving::starved;
    return runs ? this : nullptr;
  }
  completion_target* only_operation() noexcept override { return reader_; }

 private:
  friend class buffer_pool;

  enum class receiving : std::uint8_t { idle, armed, pausing, starved, spare };

  [[gnu::noinline]] void find_pool();  // once a socket
  void begin() noexcept;
  void begin_multishot() noexcept;
  void begin_spare() noexcept;
  void feed(bool from_ring) noexcept;
  void append(piece& record) noexcept;
  void consume(std::uint32_t bytes) noexcept;
  void pause() noexcept;
  void over(std::int32_t result) noexcept;
  void wake() noexcept;
  void drop_pieces() noexcept;

  static void received(completion_target& self, completion what) noexcept;
  // All but bytes for somebody who waits, with more to come. Not inline: those save no registers
  // for it.
  [[gnu::noinline]] void received_otherwise(completion what) noexcept;
  static void spare_received(completion_target& self, completion what) noexcept;
  static void fill_multishot(submitter& self, submission entry) noexcept;
  static void fill_spare(submitter& self, submission entry) noexcept;

  buffer_pool* pool_ = nullptr;
  piece* first_ = nullptr;
  piece* last_ = nullptr;
  suspension* waiter_ = nullptr;
  completion_target* reader_ = nullptr;
  receiving_socket* next_starved_ = nullptr;
  receiving_socket* previous_starved_ = nullptr;
  std::uint32_t unread_pieces_ = 0;
  std::uint32_t unread_bytes_ = 0;
  std::uint32_t spare_ = 0;
  int error_ = 0;
  receiving receiving_ = receiving::idle;
  bool ended_ = false;
  bool datagrams_;
  bool wants_large_ = false;  // the last block was filled, and more has come
  peer_name peer_;
};

}  // namespace lull::detail
