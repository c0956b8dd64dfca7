// SPDX-License-Identifier: MIT

// A table whose entries move to a larger array while it is read: order(table_publish),
// order(table_move), order(table_erase), order(table_link), order(table_first). The arrays and the
// searches are the shipped ones; the owner retires through a participant. Readers keep no entry
// past the run, so entries are freed with it.

#include <lull/tables/array_chain_steps.hpp>
#include <lull/tables/search.hpp>

#include <functional>
#include <memory>
#include <vector>

#include "members.hpp"

namespace {

using lull::detail::array_chain;
using lull::detail::slot_place;

constexpr int lasting_keys = 10;  // as many as make an array of 16 begin the next one

struct numbered : lull::detail::entry_head {
  numbered(std::uint64_t hash, int of, int at) : entry_head{hash}, key(of), version(at) {}

  const int key;
  const int version;
  mutable litmus::object contents;
};

struct table_run : members {
  array_chain chain{0};
  std::vector<std::unique_ptr<numbered>> made;

  table_run() : members(1) {
    for (int key = 0; key < lasting_keys; ++key) write(key, 1);
  }

  static std::uint64_t hash_of(int key) {
    return static_cast<std::uint64_t>(key) << 60 | static_cast<std::uint64_t>(key);
  }

  // The owner stores a version of a key, as hash_table does, without the step.
  void write(int key, int version) {
    made.push_back(std::make_unique<numbered>(hash_of(key), key, version));
    const slot_place place =
        lull::detail::locate<numbered>(chain, hash_of(key), key, std::equal_to<>());
    if (place.found()) {
      chain.replace(place, made.back().get());
    } else {
      chain.add(place, made.back().get());
    }
  }
  void erase(int key) {
    chain.remove(lull::detail::locate<numbered>(chain, hash_of(key), key, std::equal_to<>()));
  }
  void steps(unsigned count) {
    for (; count > 0; --count) chain.step(*member[0]);
  }

  const numbered* find(int key) const {
    const numbered* found =
        lull::detail::find_entry<numbered>(chain.first(), hash_of(key), key, std::equal_to<>());
    if (found != nullptr) found->contents.read();
    return found;
  }

  void after() override {
    litmus::check(chain.statistics().migrations <= 1, "one array was filled and one emptied");
    chain.drop(nullptr, lull::detail::release_empty_array, 0);
    members::after();
  }
};

// The owner moves all entries. Must hold: a key that is always there is always found.
struct table_move : table_run {
  void thread(unsigned index) override {
    if (index == 0) {
      steps(3);
    } else {
      const int key = static_cast<int>(litmus::random(lasting_keys));
      litmus::check(find(key) != nullptr, "a key that was there all the time was not found");
      litmus::check(find(key) != nullptr, "a key that was there all the time was lost");
    }
  }
};

// The owner also stores new versions. Must hold: what is found is whole, and never older than what
// was found before.
struct table_replace : table_run {
  void thread(unsigned index) override {
    if (index == 0) {
      write(4, 2);
      steps(2);
      write(4, 3);
      steps(1);
    } else {
      const numbered* first = find(4);
      const numbered* second = find(4);
      litmus::check(first != nullptr && second != nullptr, "a replaced key was not found");
      litmus::check(first->version <= second->version, "an older version was found later");
    }
  }
};

// The owner adds keys, before and after the next array is there.
struct table_add : table_run {
  void thread(unsigned index) override {
    if (index == 0) {
      write(11, 1);
      steps(1);
      write(12, 1);
      steps(2);
    } else {
      const bool later = find(12) != nullptr;
      litmus::check(!later || find(11) != nullptr, "the first key added is older than the second");
    }
  }
};

// A scan beside a move and a replacement. Must hold: it visits every key, and whole entries.
struct table_scan : table_run {
  void thread(unsigned index) override {
    if (index == 0) {
      steps(1);
      write(4, 2);
      steps(2);
    } else {
      std::vector<bool> seen(lasting_keys);
      const auto visit = [&seen](const numbered& entry) {
        entry.contents.read();
        seen[static_cast<std::size_t>(entry.key)] = true;
      };
      lull::detail::scan_places<numbered>(chain, 0, 64, visit);
      for (const bool one : seen) litmus::check(one, "a scan missed a key");
    }
  }
};

// The owner adds a key and erases another. Must hold: who misses the one finds the other.
struct table_erase : table_run {
  void thread(unsigned index) override {
    if (index == 0) {
      write(11, 1);
      erase(4);
    } else {
      const bool erased = find(4) == nullptr;
      litmus::check(!erased || find(11) != nullptr, "an erase was seen, and no earlier insert");
    }
  }
};

// The owner writes to memory of its own and erases the last key of a row, whose slot becomes empty.
// Must hold: who misses the key may read that memory.
struct table_erase_last : table_run {
  litmus::object own;

  void thread(unsigned index) override {
    if (index == 0) {
      own.write();
      erase(lasting_keys - 1);
    } else if (find(lasting_keys - 1) == nullptr) {
      own.read();
    }
  }
};

// The owner clears the table and stores a key again. Must hold: after the old version come none and
// the new one, whole, in slots that are cleared.
struct table_clear : table_run {
  void thread(unsigned index) override {
    if (index == 0) {
      chain.clear(*member[0], lull::detail::release_empty_array, 0);
      write(4, 2);
    } else {
      const numbered* first = find(4);
      const numbered* second = find(4);
      const bool was_new = first == nullptr || first->version == 2;
      litmus::check(!was_new || second == nullptr || second->version == 2, "a version came back");
      litmus::check(first == nullptr || first->version == 1 || second != nullptr, "a key was lost");
    }
  }
};

const litmus::enlisted<table_move> listed_move{"table_move", 2};
const litmus::enlisted<table_replace> listed_replace{"table_replace", 2};
const litmus::enlisted<table_add> listed_add{"table_add", 2};
const litmus::enlisted<table_scan> listed_scan{"table_scan", 2};
const litmus::enlisted<table_erase> listed_erase{"table_erase", 2};
const litmus::enlisted<table_erase_last> listed_erase_last{"table_erase_last", 2};
const litmus::enlisted<table_clear> listed_clear{"table_clear", 2};

}  // namespace
