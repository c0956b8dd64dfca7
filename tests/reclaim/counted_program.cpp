// SPDX-License-Identifier: MIT

// What instructions_test.py runs under callgrind: `counted_program SHAPE`. All that is counted is
// in functions whose names begin with `counted_`, and these are not inlined.

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>

namespace {

constexpr std::size_t many = 10'000;

struct entry {
  std::size_t words[8] = {};
};

using place = std::aligned_storage_t<sizeof(lull::hold<entry>), alignof(lull::hold<entry>)>;

[[gnu::noinline]] void counted_take(place* places, std::vector<entry>& entries) {
  for (entry& one : entries) {
    ::new (static_cast<void*>(places++)) lull::hold<entry>(lull::ref<entry>(&one));
  }
}

// The same walk, and nothing done.
[[gnu::noinline]] void counted_walk(place* places, std::vector<entry>& entries) {
  for (entry& one : entries) {
    __asm__ volatile("" : : "r"(&one), "r"(places));
    ++places;
  }
}

[[gnu::noinline]] void counted_release(lull::participant& me) {
  do {
    me.quiescent({2 * many, std::chrono::nanoseconds::max()});
  } while (me.has_limbo());
}

[[gnu::noinline]] void counted_look(lull::participant& me) {
  me.quiescent({2 * many, std::chrono::nanoseconds::max()});
}

// Beside all that is held: so many objects that two cells held let go of at once, and the quiescent
// state that finds out.
bool let_go(lull::participant& me, std::size_t count) {
  std::vector<lull::hold<entry>> cells;
  for (std::size_t i = 0; i < count; ++i) {
    auto* const one = new entry;
    for (int cell = 0; cell < 2; ++cell) cells.emplace_back(lull::ref<entry>(one));
    me.retire(one);
  }
  while (me.statistics().held_objects != count)
    me.quiescent({2 * many, std::chrono::nanoseconds::max()});
  cells.clear();
  counted_look(me);
  return me.statistics().held_objects == 0;
}

void drop(place* places) {
  for (std::size_t i = 0; i < many; ++i) {
    std::destroy_at(std::launder(reinterpret_cast<lull::hold<entry>*>(places + i)));
  }
}

// Two batches, so that the memory for the first look at what is held is in it, and a second one.
std::size_t release_batches(lull::participant& me) {
  for (int batch = 0; batch < 2; ++batch) {
    for (std::size_t i = 0; i < many; ++i) me.retire(new entry);
    counted_release(me);
  }
  return me.statistics().released;
}

int run(const char* shape) {
  lull::domain domain;
  lull::participant me(domain);
  std::vector<entry> entries(many);
  const auto places = std::make_unique<place[]>(many);
  if (std::strcmp(shape, "take") == 0) {
    for (std::size_t i = 0; i < many; ++i) {  // so that there are cells
      ::new (static_cast<void*>(&places[i])) lull::hold<entry>(lull::ref<entry>(&entries[i]));
    }
    drop(places.get());
    counted_walk(places.get(), entries);
    counted_take(places.get(), entries);
    const bool good = me.statistics().holds == many;
    drop(places.get());
    return good ? 0 : 1;
  }
  if (std::strcmp(shape, "let_go") == 0) {
    counted_take(places.get(), entries);
    const bool good = let_go(me, 12);
    drop(places.get());
    return good ? 0 : 1;
  }
  const bool held = std::strcmp(shape, "release_held") == 0;
  if (held) counted_take(places.get(), entries);
  const std::size_t released = release_batches(me);
  if (held) drop(places.get());
  return released == 2 * many ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: counted_program take | release | release_held | let_go\n", stderr);
    return 2;
  }
  return run(arguments[1]);
}
