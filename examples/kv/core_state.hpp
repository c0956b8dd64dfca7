// SPDX-License-Identifier: MIT
#pragma once

// What the connections of one core share: the time, counters, and buffers that go from one to the
// next, so that a connection that waits for its client holds none. The core alone uses it, but for
// the counters, which any core reads.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "byte_buffer.hpp"
#include "counter.hpp"
#include "database.hpp"
#include "round.hpp"
#include "server_facts.hpp"

namespace kv {

class session;

struct core_counters {
  counter connections_made;
  counter connections_ended;
  counter connections_refused;
  counter commands;
  counter errors;
  counter hits;
  counter misses;
  counter bytes_in;
  counter bytes_out;
};

class core_state {
 public:
  core_state(unsigned core, database& all, server_facts& facts)
      : index(core), keys(all), server(facts) {}
  core_state(const core_state&) = delete;
  core_state& operator=(const core_state&) = delete;

  // The time of this iteration, by the steady clock; the Unix time follows from it, so that no
  // clock is read for a request.
  void set_time(std::chrono::nanoseconds steady) noexcept {
    now_ms =
        steady_to_unix_ms + std::chrono::duration_cast<std::chrono::milliseconds>(steady).count();
  }
  // Compares the two clocks; now and then, because the wall clock is set.
  void compare_clocks(std::chrono::nanoseconds steady) noexcept {
    using namespace std::chrono;
    const auto wall = system_clock::now().time_since_epoch();
    steady_to_unix_ms =
        duration_cast<milliseconds>(wall).count() - duration_cast<milliseconds>(steady).count();
    set_time(steady);
  }

  store& own() noexcept { return keys.of(index); }
  write_context writing() noexcept {
    const std::size_t most = server.limits.memory;
    return {own(), now_ms, server.limits.request.bulk_size, most != 0 && keys.used_bytes() > most};
  }

  byte_buffer take_buffer() noexcept {
    if (buffers_.empty()) return {};
    byte_buffer taken = std::move(buffers_.back());
    buffers_.pop_back();
    return taken;
  }
  void give_buffer(byte_buffer&& given) {
    if (given.capacity() == 0 || given.capacity() > buffer_kept ||
        buffers_.size() >= buffers_kept) {
      given.release();
      return;
    }
    given.clear();
    buffers_.push_back(std::move(given));
  }
  std::unique_ptr<round> take_round() {
    if (rounds_.empty()) return std::make_unique<round>(keys.cores());
    std::unique_ptr<round> taken = std::move(rounds_.back());
    rounds_.pop_back();
    return taken;
  }
  void give_round(std::unique_ptr<round> given) {
    if (rounds_.size() < rounds_kept) rounds_.push_back(std::move(given));
  }

  const unsigned index;
  database& keys;
  server_facts& server;
  std::int64_t now_ms = 0;  // Unix time, as of this iteration
  std::int64_t steady_to_unix_ms = 0;
  bool ending = false;  // streams are read to what clients have sent, and no further
  core_counters counters;
  std::vector<session*> sessions;  // that are open on this core

 private:
  static constexpr std::size_t buffer_kept = std::size_t{256} << 10;
  static constexpr std::size_t buffers_kept = 64;
  static constexpr std::size_t rounds_kept = 64;

  std::vector<byte_buffer> buffers_;
  std::vector<std::unique_ptr<round>> rounds_;
};

}  // namespace kv
