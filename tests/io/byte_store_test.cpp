// SPDX-License-Identifier: MIT
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/byte_store.hpp>
#include <lull/io/limits.hpp>

#include "../allocations.hpp"
#include "connected.hpp"
#include "on_core.hpp"

using io_test::on_core;
using lull::detail::byte_store;

namespace {

std::span<const std::byte> store_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string store_text(const byte_store& of) {
  return {reinterpret_cast<const char*>(of.bytes().data()), of.size()};
}

}  // namespace

TEST_CASE("a store of bytes keeps what is appended and forgets what is dropped") {
  on_core([]() -> lull::task<> {
    byte_store store;
    CHECK(store.empty());
    const std::string text = io_test::pattern(10'000);
    std::string expected;
    for (std::size_t at = 0, i = 0; at < text.size(); ++i) {
      const std::string part = text.substr(at, 1 + i * 37 % 400);
      store.append(store_bytes(part));
      expected += part;
      at += part.size();
      const std::size_t dropped = std::min(expected.size(), i * 29 % 300);
      store.drop(dropped);
      expected.erase(0, dropped);
      REQUIRE(store_text(store) == expected);
    }
    CHECK(store.capacity() >= expected.size());
    store.release();
    CHECK(store.empty());
    CHECK(store.capacity() == 0);
    co_return;
  });
}

TEST_CASE("a store that is emptied as fast as it is filled does not grow") {
  on_core([]() -> lull::task<> {
    byte_store store;
    const std::string part(lull::limits::first_store_bytes / 2, 'x');
    for (int i = 0; i < 1000; ++i) {
      store.append(store_bytes(part));
      store.drop(part.size());
    }
    CHECK(store.capacity() == lull::limits::first_store_bytes);
    byte_store other;
    other.append(store_bytes("abc"));
    other.swap(store);
    CHECK(store_text(store) == "abc");
    CHECK(other.empty());
    co_return;
  });
}

TEST_CASE("a store without memory is as it was before") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    byte_store store;
    store.append(store_bytes("abc"));
    const std::string much(1'000'000, 'x');
    bool threw = false;
    try {
      const test::denied_allocations none(1'000'000);
      store.append(store_bytes(much));
    } catch (const std::bad_alloc&) {
      threw = true;
    }
    CHECK(threw);
    CHECK(store_text(store) == "abc");
    co_return;
  });
}
