// SPDX-License-Identifier: MIT
#include "world.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace torture {
namespace {

constexpr std::uint64_t printed_faults = 10;
constexpr std::uint64_t bug_age = 2;

const char* name_of(kept how) noexcept {
  switch (how) {
    case kept::by_the_iteration:
      return "in the iteration that found it";
    case kept::by_a_pin:
      return "under a pin";
    case kept::by_a_hold:
      return "under a hold";
  }
  return "";
}

}  // namespace

void counts::add(const counts& more) noexcept {
  reads += more.reads;
  oldest = std::max(oldest, more.oldest);
  oldest_held = std::max(oldest_held, more.oldest_held);
  retired += more.retired;
  released += more.released;
  pins += more.pins;
  holds += more.holds;
  joins += more.joins;
  waits += more.waits;
  refused += more.refused;
  graces += more.graces;
}

void world::fault(const char* sentence, ...) noexcept {
  if (faults.fetch_add(1, std::memory_order_relaxed) >= printed_faults) return;
  char text[256];
  std::va_list values;
  va_start(values, sentence);
  std::vsnprintf(text, sizeof text, sentence, values);
  va_end(values);
  std::fprintf(stderr, "FAULT: %s\n", text);
}

sight actor::find() noexcept {
  const object* what = on.cells[random.below(static_cast<unsigned>(on.cells.size()))].load(
      std::memory_order_acquire);
  if (what == nullptr) return {};
  const sight found{what, what->serial.load(std::memory_order_relaxed)};
  check(found, kept::by_the_iteration);
  return found;
}

void actor::check(const sight& old, kept how) noexcept {
  ++seen.reads;
  const std::uint64_t serial = old.what->serial.load(std::memory_order_relaxed);
  if (serial != old.serial || (serial & object::released_bit) != 0 ||
      old.what->payload != ~serial) {
    on.fault("%s %u reads a released object, %s: %s, serial %llx, found as %llx", role, number,
             name_of(how), torture::name_of(old.what->how), static_cast<unsigned long long>(serial),
             static_cast<unsigned long long>(old.serial));
    return;
  }
  const std::uint64_t unlinked = old.what->unlinked.load(std::memory_order_relaxed);
  if (unlinked == 0) return;
  const std::uint64_t age = on.graces.load(std::memory_order_acquire) - (unlinked - 1);
  if (how == kept::by_a_hold) {
    seen.oldest_held = std::max(seen.oldest_held, age);
    return;
  }
  seen.oldest = std::max(seen.oldest, age);
  if (age >= bug_age || old.what->expired.load(std::memory_order_relaxed)) {
    on.fault("%s %u reads an object %llu grace periods after its unlinking, %s: %s%s", role, number,
             static_cast<unsigned long long>(age), name_of(how), torture::name_of(old.what->how),
             old.what->expired.load(std::memory_order_relaxed) ? ", waited for" : "");
  }
}

object* actor::replace() {
  object* fresh = make(static_cast<form>(random.below(forms)));
  return unlinked(on.cells[random.below(static_cast<unsigned>(on.cells.size()))].exchange(
      fresh, std::memory_order_seq_cst));
}

object* actor::take(std::size_t cell) noexcept {
  return unlinked(on.cells[cell].exchange(nullptr, std::memory_order_seq_cst));
}

// The count is read after the unlinking, by the order of all that is sequentially consistent: a
// late count makes the object look younger, never older.
object* actor::unlinked(object* one) const noexcept {
  if (one == nullptr) return nullptr;
  one->unlinked.store(on.graces.load(std::memory_order_seq_cst) + 1, std::memory_order_relaxed);
  return one;
}

void actor::retire(object& one) {
  one.retired_by = &mine;
  ++mine.retired;
  torture::retire(one);
}

void actor::stall(unsigned milliseconds) noexcept {
  const auto span = std::chrono::milliseconds(milliseconds);
  if (random.one_in(2)) {
    std::this_thread::sleep_for(span);
    return;
  }
  const auto end = std::chrono::steady_clock::now() + span;
  while (std::chrono::steady_clock::now() < end && on.running()) {}
}

counts actor::total() const noexcept {
  counts all = seen;
  all.retired = mine.retired;
  all.released = mine.released.load(std::memory_order_relaxed);
  return all;
}

}  // namespace torture
