// SPDX-License-Identifier: MIT
#include <lull/tables/hash.hpp>

#include <algorithm>
#include <bit>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr lull::hash_seed seeds[] = {
    {0x243f6a8885a308d3, 0x13198a2e03707345},
    {0xa4093822299f31d0, 0x082efa98ec4e6c89},
    {0x452821e638d01377, 0xbe5466cf34e90c6d},
};

// Fills five eighths of an array the way the tables do, and returns the longest run of slots that a
// search has to look at.
std::size_t longest_probe(const std::vector<std::uint64_t>& hashes, unsigned bits) {
  std::vector<bool> taken(std::size_t{1} << bits);
  std::size_t longest = 0;
  for (const std::uint64_t hash : hashes) {
    std::size_t index = hash >> (64 - bits);
    std::size_t probes = 1;
    for (; taken[index]; ++probes) index = (index + 1) & (taken.size() - 1);
    taken[index] = true;
    longest = std::max(longest, probes);
  }
  return longest;
}

constexpr unsigned table_bits = 14;
constexpr std::size_t table_keys = (std::size_t{1} << table_bits) / 8 * 5;
// Random hashes stay below about 120 at this size; a pattern that shows makes thousands.
constexpr std::size_t longest_allowed = 300;

template <class Hash, class MakeKey>
std::size_t probe_of(const Hash& hash, MakeKey make_key) {
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < table_keys; ++i) hashes.push_back(hash(make_key(i)));
  return longest_probe(hashes, table_bits);
}

}  // namespace

TEST_CASE("sequential and strided numbers spread as random ones do, under each seed") {
  for (const lull::hash_seed& seed : seeds) {
    const lull::seeded_hash<std::uint64_t> hash(seed);
    for (unsigned shift = 0; shift < 50; ++shift) {
      CAPTURE(shift, seed.first);
      CHECK(probe_of(hash, [&](std::uint64_t i) { return i << shift; }) < longest_allowed);
    }
    for (const std::uint64_t stride : {3ull, 1000ull, 4097ull, 0x9e3779b97f4a7c15ull}) {
      CAPTURE(stride, seed.first);
      CHECK(probe_of(hash, [&](std::uint64_t i) { return i * stride; }) < longest_allowed);
    }
  }
}

TEST_CASE("texts that differ in a few characters spread as random ones do") {
  for (const lull::hash_seed& seed : seeds) {
    const lull::seeded_hash<std::string> hash(seed);
    CHECK(probe_of(hash, [](std::size_t i) { return std::to_string(i); }) < longest_allowed);
    CHECK(probe_of(hash, [](std::size_t i) { return "key:" + std::to_string(1000000 + i); }) <
          longest_allowed);
    for (const std::size_t length : {17u, 40u, 200u}) {
      CAPTURE(length);
      const auto padded_behind = [&](std::size_t i) {
        return std::to_string(100000 + i) + std::string(length, 'x');
      };
      const auto padded_before = [&](std::size_t i) {
        return std::string(length, 'x') + std::to_string(100000 + i);
      };
      CHECK(probe_of(hash, padded_behind) < longest_allowed);
      CHECK(probe_of(hash, padded_before) < longest_allowed);
    }
    // Runs of zeros differ by their length alone.
    CHECK(probe_of(hash, [](std::size_t i) { return std::string(i, '\0'); }) < longest_allowed);
  }
}

TEST_CASE("a poor hash of the user's is spread before it is used") {
  for (unsigned shift = 0; shift < 50; ++shift) {
    CAPTURE(shift);
    const auto identity = [](std::uint64_t key) { return lull::detail::mix(key); };
    CHECK(probe_of(identity, [&](std::uint64_t i) { return i << shift; }) < longest_allowed);
  }
}

TEST_CASE("each bit of a number changes about half of the hash") {
  for (const lull::hash_seed& seed : seeds) {
    const lull::seeded_hash<std::uint64_t> hash(seed);
    for (unsigned bit = 0; bit < 64; ++bit) {
      int changed = 0;
      int low_changed = 0;
      for (std::uint64_t key = 0; key < 256; ++key) {
        const std::uint64_t difference = hash(key) ^ hash(key ^ (std::uint64_t{1} << bit));
        changed += std::popcount(difference);
        low_changed += std::popcount(difference & 0x7fff);
      }
      CAPTURE(bit, seed.first);
      CHECK((changed > 256 * 24 && changed < 256 * 40));
      CHECK((low_changed > 256 * 5 && low_changed < 256 * 10));
    }
  }
}

TEST_CASE("texts of every length, and their beginnings, have different hashes") {
  const lull::seeded_hash<std::string> hash(seeds[0]);
  std::set<std::uint64_t> seen;
  std::size_t count = 0;
  for (const char filling : {'\0', 'a'}) {
    for (std::size_t length = filling == 'a' ? 1 : 0; length < 300; ++length, ++count) {
      seen.insert(hash(std::string(length, filling)));
    }
  }
  // One character changed, at each place of texts of each length.
  for (std::size_t length = 1; length < 70; ++length) {
    for (std::size_t at = 0; at < length; ++at, ++count) {
      std::string text(length, 'a');
      text[at] = 'b';
      seen.insert(hash(text));
    }
  }
  CHECK(seen.size() == count);
}

TEST_CASE("what compares equal hashes alike") {
  enum class colour : std::uint8_t { red = 3 };
  const lull::seeded_hash<std::string> texts(seeds[1]);
  CHECK(texts(std::string("abc")) == texts("abc"));
  CHECK(texts(std::string_view("abc")) == texts("abc"));
  const lull::seeded_hash<std::int64_t> numbers(seeds[1]);
  CHECK(numbers(-1) == numbers(std::int64_t{-1}));
  CHECK(numbers(short{5}) == numbers(5ull));
  const lull::seeded_hash<colour> colours(seeds[1]);
  CHECK(colours(colour::red) == numbers(3));
  const int here = 0;
  const lull::seeded_hash<const int*> pointers(seeds[1]);
  CHECK(pointers(&here) == pointers(&here));
}

TEST_CASE("a process draws one seed, and another seed gives other hashes") {
  const lull::seeded_hash<int> first;
  const lull::seeded_hash<int> second;
  CHECK(first(1) == second(1));
  CHECK(first.seed() == lull::process_hash_seed());
  CHECK(lull::detail::draw_seed() != lull::detail::draw_seed());
  const lull::seeded_hash<int> other(seeds[0]);
  CHECK(other(1) != first(1));
}
