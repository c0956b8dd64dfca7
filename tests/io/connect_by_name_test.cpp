// SPDX-License-Identifier: MIT
#include <lull/io/connect_by_name.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/resolver.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/timeout.hpp>

#include "on_core.hpp"
#include "raw_peer.hpp"

using io_test::on_core;
using lull::address;

namespace {

// Another implementation: knows one name.
class one_name_resolver : public lull::resolver {
 public:
  one_name_resolver(std::vector<address>& all, int& asked) noexcept : all_(all), asked_(asked) {}

  lull::task<lull::result<std::vector<address>>> resolve(std::string name,
                                                         std::uint16_t port) override {
    ++asked_;
    if (name != "service") co_return lull::failure(ENXIO, "resolve", lull::path_text(name), "no");
    CHECK(port == 80);
    co_return all_;
  }

 private:
  std::vector<address>& all_;
  int& asked_;
};

// Nobody listens there, as long as this lives.
struct closed_port {
  closed_port() {
    address where = address::loopback(0);
    REQUIRE(::bind(descriptor, where.data(), where.size()) == 0);
    sockaddr_in6 raw{};
    socklen_t bytes = sizeof(raw);
    REQUIRE(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&raw), &bytes) == 0);
    at = address::from(reinterpret_cast<const sockaddr*>(&raw), bytes);
  }
  ~closed_port() { ::close(descriptor); }

  int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address at;
};

// A listener that does not answer, for its queue is full.
struct silent_port : closed_port {
  silent_port() {
    REQUIRE(::listen(descriptor, 0) == 0);
    in_the_queue = std::make_unique<io_test::raw_peer>(at);
  }

  std::unique_ptr<io_test::raw_peer> in_the_queue;
};

}  // namespace

TEST_CASE("the addresses of a name are tried until one answers") {
  const closed_port closed;
  const silent_port silent;
  on_core([&]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(address::loopback(0)).value();
    std::vector<address> addresses;
    int asked = 0;
    lull::choose_resolver(std::make_unique<one_name_resolver>(addresses, asked));
    const address good = listener.local();
    for (const auto& all : {std::vector<address>{good, closed.at},
                            {closed.at, good, closed.at},
                            {closed.at, silent.at, good}}) {
      addresses = all;
      const bool waits = all[1] == silent.at;
      auto connecting =
          lull::connect("service", 80, std::chrono::milliseconds(waits ? 20 : 20'000));
      auto stream = co_await std::move(connecting);
      REQUIRE(stream);
      CHECK(stream->peer() == good);
    }
    CHECK(asked == 3);
  });
}

TEST_CASE("connecting by name fails as the resolver does, or as the last address") {
  const closed_port closed;
  on_core([&]() -> lull::task<> {
    std::vector<address> addresses{closed.at, closed.at};
    int asked = 0;
    lull::choose_resolver(std::make_unique<one_name_resolver>(addresses, asked));
    auto connecting = lull::connect("service", 80);
    const auto refused = co_await std::move(connecting);
    CHECK(refused.error() == std::errc::connection_refused);
    CHECK_THAT(refused.message(),
               Catch::Matchers::StartsWith("connect to " + closed.at.to_string()));
    connecting = lull::connect("nobody", 80);
    const auto unknown = co_await std::move(connecting);
    CHECK(unknown.message() == "resolve nobody: No such device or address (errno 6): no");
  });
}

TEST_CASE("connecting by name ends when it is stopped, whichever address it is at") {
  const silent_port silent;
  on_core([&]() -> lull::task<> {
    std::vector<address> addresses;
    int asked = 0;
    lull::choose_resolver(std::make_unique<one_name_resolver>(addresses, asked));
    for (std::size_t more = 0; more < 2; ++more) {
      addresses.assign(1 + more, silent.at);
      auto connecting = lull::connect("service", 80);
      const auto late = co_await lull::timeout(std::chrono::milliseconds(2), std::move(connecting));
      CHECK(late.timed_out());
      CHECK(late->error() == std::errc::operation_canceled);
    }
  });
}
