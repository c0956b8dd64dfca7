// SPDX-License-Identifier: MIT

// The same functions through a ref and through a pointer: ref_code_test.py compares their code.

#include <cstdint>

#include <lull/reclaim/ref.hpp>

namespace {

struct entry {
  std::uint64_t key;
  std::uint64_t value;
};

}  // namespace

extern "C" {

std::uint64_t read_by_ref(lull::ref<entry> found);
std::uint64_t read_by_pointer(entry* found);
std::uint64_t sum_by_ref(entry* all, std::uint64_t count, std::uint64_t key);
std::uint64_t sum_by_pointer(entry* all, std::uint64_t count, std::uint64_t key);

std::uint64_t read_by_ref(lull::ref<entry> found) {
  if (!found) return 0;
  return found->value + (*found).key;
}

std::uint64_t read_by_pointer(entry* found) {
  if (!found) return 0;
  return found->value + (*found).key;
}
}

namespace {

template <class Found>
Found find(entry* one, std::uint64_t key) {
  if (one->key != key) return nullptr;
  return one;
}

template <class Found>
std::uint64_t sum(entry* all, std::uint64_t count, std::uint64_t key) {
  std::uint64_t result = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const Found found = find<Found>(all + i, key);
    if (found != nullptr) result += found->value;
  }
  return result;
}

}  // namespace

std::uint64_t sum_by_ref(entry* all, std::uint64_t count, std::uint64_t key) {
  return sum<lull::ref<entry>>(all, count, key);
}

std::uint64_t sum_by_pointer(entry* all, std::uint64_t count, std::uint64_t key) {
  return sum<entry*>(all, count, key);
}
