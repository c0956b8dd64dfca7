// SPDX-License-Identifier: MIT
#include "object.hpp"

#include <memory>
#include <utility>

#include <lull/reclaim/retirable.hpp>
#include <lull/reclaim/retire.hpp>

#include "memory.hpp"

namespace torture {
namespace {

std::atomic<std::uint64_t> made{0};
std::atomic<std::uint64_t> destroyed{0};
std::atomic<std::uint64_t> faulty{0};

template <form F>
struct of : object {
  of() noexcept : object(F) {}
};
// The object comes first, for a hold names its address.
struct linked_object : object, lull::retirable<linked_object> {
  linked_object() noexcept : object(form::linked) {}
};
struct homed_object : object, lull::homed<homed_object> {
  homed_object() noexcept : object(form::homed) {}
};
using array_object = of<form::array>;
static_assert(sizeof(homed_object) <= largest_block);
static_assert(2 * sizeof(array_object) + 16 <= largest_block);
static_assert(largest_block <= most_bytes);

template <form F>
of<F>* as(object& one) noexcept {
  return static_cast<of<F>*>(&one);
}

struct stateless_deleter {
  void operator()(of<form::stateless>* one) const noexcept { delete one; }
};

// Five words, each of which has to arrive.
struct stateful_deleter {
  explicit stateful_deleter(const object& one) noexcept {
    for (std::uint64_t& word : words) word = one.payload;
  }
  void operator()(of<form::stateful>* one) const noexcept {
    for (const std::uint64_t word : words) {
      if (word != one->payload) faulty.fetch_add(1, std::memory_order_relaxed);
    }
    delete one;
  }
  std::uint64_t words[5];
};

struct pool {
  void give_back(of<form::pool>* one) noexcept { delete one; }
};
pool the_pool;

void delete_function(void* one) noexcept {
  delete static_cast<of<form::function>*>(static_cast<object*>(one));
}

void defer_delete(of<form::deferred>& one) {
  if (one.payload % 2 == 0) {
    lull::defer([](of<form::deferred>* late) noexcept { delete late; }, &one);
    return;
  }
  const std::uint64_t expected[4] = {one.payload, one.payload, one.payload, one.payload};
  lull::defer([expected, late = &one]() noexcept {
    for (const std::uint64_t word : expected) {
      if (word != late->payload) faulty.fetch_add(1, std::memory_order_relaxed);
    }
    delete late;
  });
}

}  // namespace

const char* name_of(form how) noexcept {
  static constexpr const char* names[forms] = {"plain",    "sized",    "owned",   "stateless",
                                               "stateful", "array",    "linked",  "homed",
                                               "pool",     "function", "deferred"};
  return names[static_cast<unsigned>(how) % forms];
}

object::object(form f) noexcept
    : serial(made.fetch_add(1, std::memory_order_relaxed) + 1),
      payload(~serial.load(std::memory_order_relaxed)),
      how(f) {}

// Never inlined: a compiler that sees the end of the lifetime next to it would leave the stores
// out.
[[gnu::noinline]] void object::mark_released() noexcept {
  const std::uint64_t was = serial.load(std::memory_order_relaxed);
  if ((was & released_bit) != 0 || payload != ~was) faulty.fetch_add(1, std::memory_order_relaxed);
  payload = 0;
  serial.store(was | released_bit, std::memory_order_relaxed);
  if (retired_by != nullptr) retired_by->released.fetch_add(1, std::memory_order_relaxed);
  destroyed.fetch_add(1, std::memory_order_relaxed);
}

void* object::operator new(std::size_t bytes) { return take_block(bytes); }
void* object::operator new[](std::size_t bytes) { return take_block(bytes); }
void object::operator delete(void* memory) noexcept { give_block(memory); }
void object::operator delete[](void* memory) noexcept { give_block(memory); }

std::uint64_t objects_made() noexcept { return made.load(std::memory_order_relaxed); }
std::uint64_t objects_destroyed() noexcept { return destroyed.load(std::memory_order_relaxed); }
std::uint64_t faulty_deletes() noexcept { return faulty.load(std::memory_order_relaxed); }

object* make(form how) {
  switch (how) {
    case form::plain:
      return new of<form::plain>;
    case form::sized:
      return new of<form::sized>;
    case form::owned:
      return new of<form::owned>;
    case form::stateless:
      return new of<form::stateless>;
    case form::stateful:
      return new of<form::stateful>;
    case form::array:
      return new array_object[2];
    case form::linked:
      return new linked_object;
    case form::homed:
      return new homed_object;
    case form::pool:
      return new of<form::pool>;
    case form::function:
      return new of<form::function>;
    case form::deferred:
      return new of<form::deferred>;
  }
  return nullptr;
}

void retire(object& one) {
  switch (one.how) {
    case form::plain:
      return lull::retire(as<form::plain>(one));
    case form::sized:
      return lull::retire(as<form::sized>(one), largest_block);
    case form::owned:
      return lull::retire(std::unique_ptr<of<form::owned>>(as<form::owned>(one)));
    case form::stateless:
      return lull::retire(
          std::unique_ptr<of<form::stateless>, stateless_deleter>(as<form::stateless>(one)));
    case form::stateful:
      return lull::retire(std::unique_ptr<of<form::stateful>, stateful_deleter>(
          as<form::stateful>(one), stateful_deleter(one)));
    case form::array:
      return lull::retire(std::unique_ptr<array_object[]>(as<form::array>(one)), 2);
    case form::linked:
      return lull::retire(static_cast<linked_object*>(&one));
    case form::homed:
      return lull::retire(static_cast<homed_object*>(&one));
    case form::pool:
      return lull::retire_to(the_pool, as<form::pool>(one));
    case form::function:
      return lull::retire(&one, largest_block, &delete_function);
    case form::deferred:
      return defer_delete(*as<form::deferred>(one));
  }
}

}  // namespace torture
