// SPDX-License-Identifier: MIT
#pragma once

// Consecutive GETs of one chunk, answered together, so that the waits for memory of their lookups
// overlap: with keys that are not in the caches this is most of what a GET costs. Lives on the
// stack of the core that reads the chunk, within one iteration. A batch of one costs a few
// instructions more than a lookup.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "byte_buffer.hpp"
#include "core_state.hpp"

namespace kv {

class get_batch {
 public:
  static constexpr std::size_t most = 16;

  bool empty() const noexcept { return count_ == 0; }
  bool full() const noexcept { return count_ == most; }
  std::size_t size() const noexcept { return count_; }

  // The key's bytes must stay until answer(); `behind` is where the input goes on after this GET.
  void add(hashed_key key, const store& owner, const char* behind) noexcept {
    owner.prefetch_slot(key.hash);
    gets_[count_++] = {key, &owner, nullptr, behind};
  }

  // Appends the replies and ends the batch. Gives null when all were answered; where they would
  // grow the output far beyond `enough`, it answers the first ones, and gives where the input of
  // the others begins. Throws std::bad_alloc with nothing appended.
  const char* answer(core_state& here, byte_buffer& output, std::size_t enough);

 private:
  struct get {
    hashed_key key;
    const store* owner;
    const entry* found;
    const char* behind;
  };

  std::array<get, most> gets_;
  std::size_t count_ = 0;
};

}  // namespace kv
