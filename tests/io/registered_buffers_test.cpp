// SPDX-License-Identifier: MIT
// Memory that the ring knows: how it is registered, lent and given back. Reading and writing with
// it is in registered_transfer_test.cpp.
#include <lull/io/registered_buffers.hpp>

#include <deque>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/io_core.hpp>
#include <lull/sched/scope.hpp>

#include "../allocations.hpp"
#include "../ring/refusing_registration.hpp"
#include "on_core.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;

namespace {

// What the kernel says of this process, in KiB.
long status_kib(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) return std::stol(line.substr(name.size() + 1));
  }
  return 0;
}

// Pages that it keeps in place.
long pinned_kib() { return status_kib("VmPin"); }

lull::task<> borrow(lull::registered_buffers& from, std::vector<int>& order, int who) {
  const auto buffer = co_await from.acquire();
  order.push_back(buffer ? who : -who);
  co_await lull::yield();
}

}  // namespace

TEST_CASE("registered buffers are whole pages of their own, zeroed, and keep what is put in them") {
  on_core([]() -> lull::task<> {
    lull::registered_buffers buffers(3, 5000);
    CHECK(buffers.count() == 3);
    CHECK(buffers.buffer_bytes() == 8192);
    CHECK(buffers.available() == 3);
    const auto first = buffers.try_acquire();
    const auto second = buffers.try_acquire();
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first.size() == 8192);
    CHECK(reinterpret_cast<std::uintptr_t>(first.data()) % 4096 == 0);
    CHECK(first.data()[8191] == std::byte{0});
    CHECK((first.data() + 8192 <= second.data() || second.data() + 8192 <= first.data()));
    CHECK(first.bytes().data() == first.data());
    CHECK(first.subspan(100, 50).data() == first.data() + 100);
    CHECK(first.subspan(100, 50).subspan(10, 5).data() == first.data() + 110);
    CHECK(first.first(7).size() == 7);
    CHECK(lull::registered_bytes(first).size() == 8192);
    co_return;
  });
}

TEST_CASE("a lent buffer goes back when it goes, once, and moves") {
  on_core([]() -> lull::task<> {
    lull::registered_buffers buffers(2, 1);
    {
      const auto one = co_await buffers.acquire();
      auto two = buffers.try_acquire();
      std::byte* const at = two.data();
      CHECK(buffers.available() == 0);
      CHECK(!buffers.try_acquire());
      auto moved = std::move(two);
      CHECK(moved.data() == at);
      CHECK(!two);
      CHECK(buffers.available() == 0);
      moved.reset();
      moved.reset();
      CHECK(!moved);
      CHECK(buffers.available() == 1);
      moved = buffers.try_acquire();
      CHECK(moved.data() == at);
      moved = lull::registered_buffer();
      CHECK(buffers.available() == 1);
    }
    CHECK(buffers.available() == 2);
    CHECK(lull::io_here().registered_buffers == 1);
  });
}

TEST_CASE("who waits for a buffer gets it in order, and a stop takes nobody's place") {
  on_core([]() -> lull::task<> {
    lull::registered_buffers buffers(1, 1);
    std::vector<int> order;
    lull::scope scope;
    lull::scope stopped;
    auto held = buffers.try_acquire();
    scope.spawn(borrow, std::ref(buffers), std::ref(order), 1);
    stopped.spawn(borrow, std::ref(buffers), std::ref(order), 2);
    scope.spawn(borrow, std::ref(buffers), std::ref(order), 3);
    co_await lull::yield();
    CHECK(order.empty());
    stopped.request_stop();
    co_await stopped.join();
    CHECK(order == std::vector{-2});
    held.reset();
    CHECK(!buffers.try_acquire());  // it is theirs already
    co_await scope.join();
    CHECK(order == std::vector{-2, 1, 3});
    CHECK(buffers.available() == 1);
  });
}

TEST_CASE("a buffer that was handed over just before the stop is given back all the same") {
  on_core([]() -> lull::task<> {
    lull::registered_buffers buffers(1, 1);
    std::vector<int> order;
    lull::scope scope;
    auto held = buffers.try_acquire();
    scope.spawn(borrow, std::ref(buffers), std::ref(order), 1);
    co_await lull::yield();
    held.reset();
    scope.request_stop();
    co_await scope.join();
    CHECK(order == std::vector{1});
    CHECK(buffers.available() == 1);
    // Before it began: what is free is taken, else nothing is.
    lull::scope late;
    late.request_stop();
    held = buffers.try_acquire();
    late.spawn(borrow, std::ref(buffers), std::ref(order), 2);
    co_await late.join();
    CHECK(order == std::vector{1, -2});
  });
}

TEST_CASE("memory is locked as long as its buffers live, and no longer") {
  const long before = pinned_kib();
  on_core([=]() -> lull::task<> {
    // Kernels before 6.3 let go of them a second later.
    const auto let_go = [=]() -> lull::task<> {
      for (int i = 0; i < 3000 && pinned_kib() != before; ++i) {
        co_await lull::sleep(std::chrono::milliseconds(1));
      }
    };
    for (int i = 0; i < 3; ++i) {
      {
        const lull::registered_buffers buffers(4, 4096);
        if (!buffers.registration()) SKIP("no page may be locked");
        CHECK(pinned_kib() == before + 16);
      }
      auto waiting = let_go();
      co_await std::move(waiting);
      CHECK(pinned_kib() == before);
    }
  });
  CHECK(pinned_kib() == before);
}

TEST_CASE("the memory of buffers that went is given back") {
  const long before = status_kib("VmSize");
  on_core(io_test::without(&lull::capabilities::registered_buffers), []() -> lull::task<> {
    for (int i = 0; i < 4; ++i) const lull::registered_buffers buffers(2, 128 << 20);
    co_return;
  });
  CHECK(status_kib("VmSize") < before + (256 << 10));
}

TEST_CASE("buffers whose memory is not registered say why, and are there") {
  struct refusal {
    unsigned what;
    int error;
    const char* text;
  };
  using kernels = test::refusing_registration;
  for (const refusal& each :
       {refusal{kernels::memory_in_table, ENOMEM, "raise the limit with 'ulimit -l'"},
        refusal{kernels::buffer_table, ENOMEM, "raise the limit with 'ulimit -l'"},
        refusal{kernels::buffer_table, EINVAL, "the kernel has no such buffers"}}) {
    test::refusing_registration kernel(each.what, each.error);
    on_core(
        {},
        [&]() -> lull::task<> {
          lull::registered_buffers buffers(1, 1);
          REQUIRE(!buffers.registration());
          CHECK(buffers.registration().error().value() == each.error);
          CHECK_THAT(buffers.registration().message(),
                     ContainsSubstring("registered_buffers: ") && ContainsSubstring(each.text));
          CHECK(buffers.try_acquire());
          CHECK(lull::io_here().registration_refusals == 1);
          co_return;
        },
        kernel);
  }
  on_core(io_test::without(&lull::capabilities::registered_buffers), []() -> lull::task<> {
    lull::registered_buffers buffers(1, 1);
    CHECK(buffers.registration().error() == std::errc::operation_not_supported);
    CHECK(buffers.try_acquire());
    co_return;
  });
}

TEST_CASE("the ring of a core knows so many of them, and others when these have gone") {
  on_core([]() -> lull::task<> {
    std::deque<lull::registered_buffers> all;
    for (unsigned i = 0; i < lull::limits::registered_places; ++i) all.emplace_back(1, 1);
    if (!all.back().registration()) SKIP("so many pages may not be locked");
    all.emplace_back(1, 1);
    CHECK(all.back().registration().error() == std::errc::no_space_on_device);
    CHECK_THAT(all.back().registration().message(), ContainsSubstring("make fewer and larger"));
    all.pop_back();
    all.pop_front();
    all.emplace_back(1, 1);
    CHECK(all.back().registration());
    co_return;
  });
}

TEST_CASE("memory that fails anywhere in making them leaves nothing behind") {
  test::need_allocations();
  const long before = pinned_kib();
  on_core([]() -> lull::task<> {
    (void)lull::io_here();
    for (std::size_t passes = 0;; ++passes) {
      bool threw = false;
      try {
        const test::failing_allocations none(passes);
        const lull::registered_buffers buffers(2, 4096);
      } catch (const std::bad_alloc&) {
        threw = true;
      }
      CHECK(lull::io_here().registered_buffers == 0);
      if (!threw) break;
      REQUIRE(passes < 10);
    }
    co_return;
  });
  CHECK(pinned_kib() == before);
}
