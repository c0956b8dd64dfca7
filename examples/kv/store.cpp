// SPDX-License-Identifier: MIT
#include "store.hpp"

#include <utility>

namespace kv {
namespace {

// What the table keeps beside key and value: hash, a slot at two thirds full, the allocator's part.
constexpr std::size_t overhead = sizeof(bytes) + sizeof(entry) + 8 + 12 + 16;

}  // namespace

std::size_t store::cost(std::string_view key, std::size_t value_allocated) noexcept {
  return overhead + (key.size() > bytes::held_inside ? key.size() : 0) + value_allocated;
}

// Takes an entry that is there, and its counts; it stays readable until the next quiescent state.
void store::erase(hashed_key key, const entry& value) {
  keys_.erase(key.hash, key.text);
  used_bytes_.subtract(cost(key.text, value.allocated()));
  if (value.expire_at_ms() != never) volatile_.subtract(1);
}

const entry* store::find_own(hashed_key key, std::int64_t now_ms) {
  const entry* const found = keys_.find(key.hash, key.text);
  if (found == nullptr || !found->expired(now_ms)) return found;
  erase(key, *found);
  expired_.add();
  return nullptr;
}

void store::put(hashed_key key, bytes value, std::int64_t expire_at_ms) {
  const std::size_t added = cost(key.text, value.allocated());
  const entry* const former = keys_.find(key.hash, key.text);
  const std::size_t removed = former == nullptr ? 0 : cost(key.text, former->allocated());
  const bool was_volatile = former != nullptr && former->expire_at_ms() != never;
  keys_.insert_or_assign(key.hash, key.text, entry{std::move(value), expire_at_ms});
  used_bytes_.add(added - removed);
  volatile_.add(std::uint64_t{expire_at_ms != never} - std::uint64_t{was_volatile});
}

bool store::remove(hashed_key key, std::int64_t now_ms) {
  const entry* const found = find_own(key, now_ms);
  if (found == nullptr) return false;
  erase(key, *found);
  return true;
}

void store::expire_at(const entry& value, std::int64_t at_ms) noexcept {
  const bool was_volatile = value.expire_at_ms() != never;
  value.expire_at(at_ms);
  volatile_.add(std::uint64_t{at_ms != never} - std::uint64_t{was_volatile});
}

store::portion store::expire_some(std::size_t steps, std::int64_t now_ms) {
  portion met;
  if (volatile_keys() == 0) return met;
  expiry_cursor_ = keys_.scan(expiry_cursor_, steps, [&](const bytes& key, const entry& value) {
    ++met.keys;
    if (!value.expired(now_ms)) return;
    ++met.expired;
    find_own({key, keys_.hash(key)}, now_ms);
  });
  return met;
}

void store::clear() {
  keys_.clear();
  used_bytes_.set(0);
  volatile_.set(0);
  expiry_cursor_ = 0;
}

}  // namespace kv
