// SPDX-License-Identifier: MIT
#pragma once

// What a buffered_writer has taken and not sent, who waits for it to be sent, and the failure that
// ended it. On the heap (the core's frame pool), for the task that sends outlives the writer when
// that goes in the middle of a send. Core-local.
//
// The bytes are in two stores: one is with the stream, and stays as it is until the stream has said
// what came of it; the other takes what is written meanwhile.

#include <cstddef>
#include <cstdint>
#include <span>

#include "../sched/wait_node.hpp"
#include "byte_store.hpp"
#include "peer_name.hpp"
#include "result.hpp"

namespace lull::detail {

class write_buffered;
class flush_buffered;

class writer_state {
 public:
  // Starts the task that sends. Throws std::bad_alloc.
  using sender = void (*)(writer_state&, void* stream);

  writer_state(std::size_t bound, sender start, void* stream, const peer_name& peer);
  writer_state(const writer_state&) = delete;
  writer_state& operator=(const writer_state&) = delete;

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* memory, std::size_t bytes) noexcept {
    deallocate_frame(memory, bytes);
  }

  std::size_t unsent() const noexcept { return filling_.size() + sending_.size(); }
  const peer_name& peer() const noexcept { return peer_; }
  int error() const noexcept { return error_; }
  // All of the bytes; false, and none, where there is no room, or a send has failed. Throws
  // std::bad_alloc with none taken.
  bool take_at_once(std::span<const std::byte> bytes);
  void check_core(const char* what) const noexcept;

  // For the task that sends. Something is left to be sent.
  bool has_more() const noexcept { return !filling_.empty(); }
  // What is to be sent next, and stays in place until sent(); none: nothing is left.
  std::span<const std::byte> next() noexcept;
  // It was sent; or it was not, for that errno, and nothing more will be.
  void sent(int error) noexcept;
  // The task ends.
  void sender_ended() noexcept;

  // The writer goes. What has not been given to the stream is dropped.
  void abandon() noexcept;

 private:
  friend class write_buffered;
  friend class flush_buffered;

  // While others wait there is no room at all, so nobody overtakes them.
  bool has_room_for(std::size_t bytes) const noexcept { return bytes <= bound_ - unsent(); }
  // Takes as many of the bytes as there is room for. Throws std::bad_alloc with none taken.
  void take(std::span<const std::byte>& from);
  void serve() noexcept;
  void fail(int error) noexcept;

  core_context& home_;
  const sender start_;
  void* const stream_;
  const std::size_t bound_;
  byte_store filling_;
  byte_store sending_;
  std::uint64_t taken_ = 0;  // bytes, ever
  std::uint64_t sent_ = 0;
  intrusive_list<write_buffered> writing_;   // in the order of their bytes
  intrusive_list<flush_buffered> flushing_;  // in the order of what they wait for
  int error_ = 0;
  bool running_ = false;  // the task that sends
  bool abandoned_ = false;
  peer_name peer_;
};

// Owns a writer_state for a writer.
struct abandon_writer {
  void operator()(writer_state* state) const noexcept { state->abandon(); }
};

class [[nodiscard]] write_buffered : private wait_node {
 public:
  write_buffered(writer_state& to, std::span<const std::byte> bytes) noexcept
      : wait_node(&write_buffered::stopped), to_(to), left_(bytes) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) { return begin(awaiting); }
  result<void> await_resume() noexcept;

 private:
  friend class writer_state;
  friend class intrusive_list<write_buffered>;

  bool begin(suspended awaiting);
  static void stopped(stop_hook& hook) noexcept;

  writer_state& to_;
  std::span<const std::byte> left_;
  int error_ = 0;
};

class [[nodiscard]] flush_buffered : private wait_node {
 public:
  explicit flush_buffered(writer_state& of) noexcept
      : wait_node(&flush_buffered::stopped), of_(of) {}

  bool await_ready() const noexcept { return false; }
  bool await_suspend(suspended awaiting) noexcept { return begin(awaiting); }
  result<void> await_resume() noexcept;

 private:
  friend class writer_state;
  friend class intrusive_list<flush_buffered>;

  bool begin(suspended awaiting) noexcept;
  static void stopped(stop_hook& hook) noexcept;

  writer_state& of_;
  std::uint64_t until_ = 0;
  int error_ = 0;
};

}  // namespace lull::detail
