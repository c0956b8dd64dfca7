// SPDX-License-Identifier: MIT
#pragma once

// All keys: one store a core, and the rule that says which core owns a key. Any core may look into
// any store; only the owner changes its own. The rule never changes while the server runs.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "store.hpp"

namespace kv {

class database {
 public:
  explicit database(unsigned cores) {
    for (unsigned i = 0; i < cores; ++i) stores_.push_back(std::make_unique<store>());
  }

  unsigned cores() const noexcept { return static_cast<unsigned>(stores_.size()); }
  std::uint64_t hash(std::string_view key) const noexcept { return hash_(key); }
  // By the low 16 bits of the hash, the highest of them first: the table places entries by the
  // high bits, and tells entries in one place apart by the lowest 15.
  unsigned owner_of(std::uint64_t hash) const noexcept {
    return static_cast<unsigned>(((hash & 0xffff) * stores_.size()) >> 16);
  }
  store& of(unsigned core) noexcept { return *stores_[core]; }
  const store& of(unsigned core) const noexcept { return *stores_[core]; }

  std::size_t size() const noexcept { return sum(&store::size); }
  std::size_t used_bytes() const noexcept { return sum(&store::used_bytes); }
  std::size_t volatile_keys() const noexcept { return sum(&store::volatile_keys); }
  std::size_t expired_keys() const noexcept { return sum(&store::expired_keys); }

 private:
  template <class Count>
  std::size_t sum(Count (store::*count)() const noexcept) const noexcept {
    std::size_t total = 0;
    for (const auto& each : stores_) total += (*each.*count)();
    return total;
  }

  key_hash hash_;  // of the process's seed, as each table's
  std::vector<std::unique_ptr<store>> stores_;
};

}  // namespace kv
