// SPDX-License-Identifier: MIT
// Connects of pools: their time, and how they fail.
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/unix_listener.hpp>

#include "pooled.hpp"

// Addresses of the program's own: whose connect() throws what it fails of, and whose heeds no time.
namespace throwing {

struct origin {
  operator lull::peer_name() const { return where; }
  lull::unix_address where;
};

inline lull::task<lull::result<lull::unix_stream>> connect(const origin& to) {
  auto made = co_await lull::connect(to.where);
  co_return std::move(made).value();
}

}  // namespace throwing
namespace refusing {

struct origin {
  operator lull::peer_name() const { return lull::address::loopback(1); }
};

inline lull::task<lull::result<lull::tcp_stream>> connect(const origin& to) {
  co_await lull::shield(lull::sleep(std::chrono::milliseconds(3)));
  co_return lull::failure(ECONNREFUSED, "connect to", to);
}

}  // namespace refusing

using io_test::on_core;
using namespace std::chrono_literals;

TEST_CASE("a connect that threw as its time was up stopped the program") {
  on_core([]() -> lull::task<> {
    auto listener = lull::unix_listener::bind(lull::unix_address::any(), {.backlog = 0}).value();
    auto first = (co_await lull::connect(listener.local())).value();
    lull::connection_pool pool(throwing::origin{listener.local()}, {.connect = 2ms});
    auto acquiring = pool.acquire();
    const auto late = co_await std::move(acquiring);
    CHECK(late.error() == std::errc::timed_out);
    CHECK(pool.statistics().lent == 0);
  });
}

TEST_CASE("why a connect failed is told, though its time was up as well") {
  on_core([]() -> lull::task<> {
    lull::connection_pool<refusing::origin> pool(refusing::origin(), {.connect = 1ms});
    auto acquiring = pool.acquire();
    const auto refused = co_await std::move(acquiring);
    CHECK(refused.error() == std::errc::connection_refused);
  });
}

TEST_CASE("a pool that is closed gives nobody what was being connected") {
  on_core([]() -> lull::task<> {
    auto listener = lull::unix_listener::bind(lull::unix_address::any(), {.backlog = 0}).value();
    auto first = (co_await lull::connect(listener.local())).value();
    lull::connection_pool pool(listener.local(), {.connections = 1});
    lull::scope users;
    std::error_code error;
    users.spawn([&]() -> lull::task<> {
      auto acquiring = pool.acquire();
      const auto lent = co_await std::move(acquiring);
      error = lent.error();
    });
    co_await lull::sleep(1ms);
    lull::scope closing;
    closing.spawn([&] { return pool.close(); });
    co_await lull::sleep(1ms);
    CHECK(closing.size() == 1);
    auto accepted = co_await listener.accept();  // there is room now
    co_await closing.join();
    co_await users.join();
    CHECK(error == std::errc::operation_canceled);
  });
}
