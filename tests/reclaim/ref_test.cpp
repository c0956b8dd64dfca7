// SPDX-License-Identifier: MIT
#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/pin.hpp>
#include <lull/reclaim/ref.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <type_traits>
#include <utility>

#include "helpers.hpp"

using lull::ref;

#ifndef LULL_CHECKED
static_assert(sizeof(ref<std::string>) == sizeof(std::string*));
static_assert(alignof(ref<std::string>) == alignof(std::string*));
static_assert(std::is_standard_layout_v<ref<std::string>>);
#endif
static_assert(std::is_trivially_copyable_v<ref<std::string>>);  // so it is passed in a register
static_assert(std::is_trivially_destructible_v<ref<std::string>>);
static_assert(std::is_nothrow_default_constructible_v<ref<std::string>>);
static_assert(std::is_nothrow_constructible_v<ref<std::string>, std::string*>);
static_assert(std::is_convertible_v<std::string*, ref<std::string>>);
static_assert(std::is_convertible_v<ref<std::string>, std::string*>);

namespace {

ref<std::string> find_in(std::string& one, bool there) {
  if (!there) return nullptr;
  return &one;
}

}  // namespace

TEST_CASE("a ref gives the object like a pointer") {
  lull::domain domain;
  const lull::participant me(domain);
  std::string object = "found";
  const ref<std::string> found = find_in(object, true);
  CHECK(static_cast<bool>(found));
  CHECK_FALSE(found == nullptr);
  CHECK(found != nullptr);
  CHECK(found.get() == &object);
  CHECK(&*found == &object);
  CHECK(found->size() == 5);
  const ref<std::string> copy = found;
  CHECK(copy.get() == &object);
  const std::string* const pointer = copy;
  CHECK(pointer == &object);
}

TEST_CASE("a ref of nothing is null and may be asked so at any time") {
  lull::domain domain;
  lull::participant me(domain);
  std::string object;
  const ref<std::string> nothing = find_in(object, false);
  const ref<std::string> empty;
  me.quiescent();
  CHECK_FALSE(static_cast<bool>(nothing));
  CHECK(nothing == nullptr);
  CHECK(nothing.get() == nullptr);
  CHECK_FALSE(static_cast<bool>(empty));
  CHECK(empty == nullptr);
}

TEST_CASE("a ref may be asked whether it found something after a quiescent state") {
  lull::domain domain;
  lull::participant me(domain);
  std::string object;
  const ref<std::string> found(&object);
  me.quiescent();
  CHECK(static_cast<bool>(found));
  CHECK(found != nullptr);
}

TEST_CASE("a ref may be of something constant") {
  lull::domain domain;
  const lull::participant me(domain);
  const int object = 7;
  const ref<const int> found(&object);
  CHECK(*found == 7);
  const lull::hold held(found);
  CHECK(*held == 7);
}

TEST_CASE("a hold of a ref, and a pointer under a pin, are good after a quiescent state") {
  lull::domain domain;
  lull::participant me(domain);
  std::string object = "kept";
  const ref<std::string> found(&object);
  const lull::pin pinned(me);
  const std::string* const under_the_pin = found.get();
  const lull::hold held(found);
  me.quiescent();
  CHECK(held->size() == 4);
  CHECK(under_the_pin->size() == 4);
}

TEST_CASE("a ref without a participant on the thread is a pointer") {
  int object = 3;
  const ref<int> found(&object);
  CHECK(*found == 3);
}
