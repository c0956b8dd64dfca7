// SPDX-License-Identifier: MIT
#pragma once

// The default hash of the tables: keyed, with a seed drawn once per process, so that nobody who
// chooses keys can choose where they land. For integers, enumerations, pointers and whatever
// converts to a std::string_view. Any thread may call it; an integer costs two multiplications, a
// string one per 16 bytes and two. It is not cryptographic, and its values change from run to run:
// never store them and never send them to another process.

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#ifdef __linux__
#include <sys/random.h>
#endif

namespace lull {

// The key of a seeded_hash: two random words. The same seed gives the same hashes.
struct hash_seed {
  std::uint64_t first;
  std::uint64_t second;

  bool operator==(const hash_seed&) const = default;
};

// The seed of this process, drawn from the kernel's random numbers when first asked for.
const hash_seed& process_hash_seed() noexcept;

namespace detail {

// The whole product of two words, folded into one: each bit of the result depends on all the bits
// of both but the most and the least significant ones, which a second fold takes care of.
inline std::uint64_t fold(std::uint64_t left, std::uint64_t right) noexcept {
  __extension__ using wide = unsigned __int128;
  const wide product = static_cast<wide>(left) * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Odd and without a pattern: the binary digits of sqrt(7) and sqrt(11) after the point.
inline constexpr std::uint64_t mix_constant = 0xa54ff53a5f1d36f1;
inline constexpr std::uint64_t length_constant = 0x510e527fade682d1;

// Spreads what a user's hash left unevenly over all 64 bits.
inline std::uint64_t mix(std::uint64_t hash) noexcept {
  return fold(hash ^ length_constant, mix_constant) ^ hash;
}

template <class Word>
std::uint64_t load_word(const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline std::uint64_t hash_word(const hash_seed& seed, std::uint64_t word) noexcept {
  return fold(fold(word ^ seed.first, seed.second) ^ seed.first, mix_constant);
}

inline std::uint64_t hash_bytes(const hash_seed& seed, const char* bytes,
                                std::size_t length) noexcept {
  std::uint64_t state = seed.first ^ (length * length_constant);
  std::size_t left = length;
  for (; left > 16; left -= 16, bytes += 16) {
    const std::uint64_t low = load_word<std::uint64_t>(bytes) ^ state;
    const std::uint64_t high = load_word<std::uint64_t>(bytes + 8) ^ seed.second;
    state = fold(low, high) + state;
  }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (left >= 8) {  // two words that overlap in the middle
    low = load_word<std::uint64_t>(bytes);
    high = load_word<std::uint64_t>(bytes + left - 8);
  } else if (left >= 4) {
    low = load_word<std::uint32_t>(bytes);
    high = load_word<std::uint32_t>(bytes + left - 4);
  } else if (left > 0) {  // the first, the middle and the last of one to three bytes
    low = load_word<std::uint8_t>(bytes) | load_word<std::uint8_t>(bytes + left / 2) << 8;
    high = load_word<std::uint8_t>(bytes + left - 1);
  }
  state = fold(low ^ state, high ^ seed.second);
  return fold(state ^ seed.first, mix_constant);
}

// Random words for the seed; without the kernel's help (an early boot, a filter) what differs from
// run to run: the clock and where the program was loaded.
inline hash_seed draw_seed() noexcept {
  std::array<std::uint64_t, 2> words{};
  bool drawn = false;
#ifdef __linux__
  drawn =
      ::getrandom(words.data(), sizeof words, GRND_NONBLOCK) == static_cast<ssize_t>(sizeof words);
#endif
  if (!drawn) {
    const auto ticks =
        static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
    words[0] = mix(ticks ^ reinterpret_cast<std::uintptr_t>(&words));
    words[1] = mix(words[0] ^ reinterpret_cast<std::uintptr_t>(&draw_seed));
  }
  // A multiplier must be odd to lose nothing, and not small.
  return {words[0], words[1] | 0x8000000000000001};
}

}  // namespace detail

inline const hash_seed& process_hash_seed() noexcept {
  static const hash_seed seed = detail::draw_seed();
  return seed;
}

// Hashes what compares equal to a Key alike: an int for a table of std::uint64_t, a
// std::string_view or a literal for a table of std::string.
template <class Key>
class seeded_hash {
  static_assert(!std::is_pointer_v<Key> || !std::is_convertible_v<Key, std::string_view>,
                "a table whose keys are pointers to characters would hash the text and compare the "
                "addresses: give it std::string, or std::string_view of text that stays");

 public:
  // Says to the tables that every bit is good, so that they do not mix again.
  using mixes_well = void;

  seeded_hash() noexcept : seed_(process_hash_seed()) {}
  explicit seeded_hash(hash_seed seed) noexcept : seed_{seed.first, seed.second | 1} {}

  template <class Like>
  std::uint64_t operator()(const Like& key) const noexcept {
    if constexpr (std::is_convertible_v<const Like&, std::string_view>) {
      const std::string_view text = key;
      return detail::hash_bytes(seed_, text.data(), text.size());
    } else if constexpr (std::is_enum_v<Key> || std::integral<Key>) {
      return detail::hash_word(seed_, static_cast<std::uint64_t>(static_cast<Key>(key)));
    } else if constexpr (std::is_pointer_v<Key>) {
      return detail::hash_word(seed_, reinterpret_cast<std::uintptr_t>(static_cast<Key>(key)));
    } else {
      static_assert(std::integral<Key>,
                    "seeded_hash knows integers, enumerations, pointers and strings: give the "
                    "table a hash of your own for this key");
    }
  }

  const hash_seed& seed() const noexcept { return seed_; }

 private:
  hash_seed seed_;
};

}  // namespace lull
