// SPDX-License-Identifier: MIT
// What tables and sends without copying are made for: an entry of another core's table goes to a
// slow client, while its owner replaces and erases it.
#include <atomic>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/io_core.hpp>
#include <lull/reclaim/hold.hpp>
#include <lull/sched/event.hpp>
#include <lull/sched/grace_period.hpp>
#include <lull/sched/run_on.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/tables/hash_table.hpp>

#include "connected.hpp"
#include "guarded_bytes.hpp"

namespace {

struct page_of_text {
  page_of_text(std::string t, std::atomic<int>& counter) : text(std::move(t)), released(counter) {}
  page_of_text(const page_of_text&) = delete;
  page_of_text& operator=(const page_of_text&) = delete;
  ~page_of_text() {
    text.assign(text.size(), '!');  // who still reads it finds this
    ++released;
  }

  std::string text;
  std::atomic<int>& released;
};

using page_table = lull::hash_table<int, page_of_text>;

// A client that reads nothing for now.
lull::task<io_test::connection> slow_client() { return io_test::connected(8192); }

lull::task<> erase_and_wait(page_table& pages) {
  pages.erase(1);
  for (int i = 0; i < 3; ++i) (void)co_await lull::grace_period();
}

}  // namespace

TEST_CASE(
    "an entry of another core's table that is erased stays until its last byte is confirmed") {
  constexpr std::size_t bytes = 128 * 1024;
  io_test::need_locked_memory(4 * bytes);
  const std::string text = io_test::pattern(bytes);
  std::atomic<int> released{0};
  lull::runtime cores(lull::run_options{.cores = {0, 0}, .handle_signals = false});
  cores.run([&]() -> lull::task<> {
    if (lull::this_core() != 0) co_return;
    page_table pages;
    pages.try_emplace(1, text, released);
    co_await lull::run_on(1, [&]() -> lull::task<> {
      auto connecting = slow_client();
      io_test::connection client = co_await std::move(connecting);
      const auto found = pages.find(1);
      REQUIRE(found);
      lull::hold keep(found);
      const std::string& held = keep->text;
      auto sent = co_await client.stream.send_all_zero_copy(std::move(keep), held);
      CHECK(sent);
      co_await lull::run_on(0, [&] { return erase_and_wait(pages); });
      CHECK(released == 0);
      CHECK(lull::io_here().unconfirmed == 1);
      std::string got;
      while (got.size() < bytes) {
        co_await lull::yield();
        char some[16'384];
        const ssize_t now = ::recv(client.peer.descriptor(), some, sizeof(some), MSG_DONTWAIT);
        if (now == 0 || (now < 0 && errno != EAGAIN)) break;
        if (now > 0) got.append(some, static_cast<std::size_t>(now));
      }
      const bool whole = got == text;
      CHECK(whole);
    });
    (void)co_await lull::barrier();
    CHECK(released == 1);
  });
}
