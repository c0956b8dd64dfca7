// SPDX-License-Identifier: MIT
#include <lull/sched/channel.hpp>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "helpers.hpp"

namespace {

// The model of a channel: values in it, senders and receivers in their order, what was received.
struct channel_model {
  std::size_t capacity;
  std::deque<int> values{};
  std::deque<int> senders{};    // the value is the name
  std::deque<int> receivers{};  // by name
  std::vector<std::pair<int, int>> received{};
  std::vector<int> sent{};
  bool closed = false;

  void send(int value) {
    senders.push_back(value);
    settle();
  }
  void receive(int name) {
    receivers.push_back(name);
    settle();
  }
  void close() {
    closed = true;
    settle();
  }
  void stop(int name) {
    std::erase(senders, name);
    std::erase(receivers, name);
  }
  void settle() {
    if (closed) senders.clear();
    for (bool moved = true; moved;) {
      moved = false;
      if (!receivers.empty() && !values.empty()) {
        received.emplace_back(receivers.front(), values.front());
        receivers.pop_front();
        values.pop_front();
        moved = true;
      }
      if (!senders.empty() && values.size() < capacity) {
        values.push_back(senders.front());
        sent.push_back(senders.front());
        senders.pop_front();
        moved = true;
      }
    }
    if (closed) receivers.clear();
  }
};

lull::task<> play_channel(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  const std::size_t capacity = 1 + below(3);
  lull::channel<int> c(capacity);
  channel_model model{capacity};
  std::vector<std::pair<int, int>> received;
  std::vector<int> sent;
  std::vector<std::unique_ptr<lull::scope>> tasks;
  for (int step = 0; step < 300; ++step) {
    const int name = static_cast<int>(tasks.size());
    const auto what = below(100);
    if (what < 40) {
      tasks.push_back(std::make_unique<lull::scope>());
      tasks.back()->spawn([&c, &sent, name]() -> lull::task<> {
        const bool done = co_await c.send(name);
        if (done) sent.push_back(name);
      });
      co_await lull::yield();
      model.send(name);
    } else if (what < 80) {
      tasks.push_back(std::make_unique<lull::scope>());
      tasks.back()->spawn([&c, &received, name]() -> lull::task<> {
        const auto value = co_await c.receive();
        if (value) received.emplace_back(name, *value);
      });
      co_await lull::yield();
      model.receive(name);
    } else if (what < 99 && !tasks.empty()) {
      const auto which = below(tasks.size());
      tasks[which]->request_stop();
      model.stop(static_cast<int>(which));
    } else if (step > 200) {
      c.close();
      model.close();
    }
    REQUIRE(c.size() == model.values.size());
  }
  c.close();
  model.close();
  for (auto& one : tasks) co_await one->join();
  std::ranges::sort(sent);  // who is served in one call resumes after who did not wait
  std::ranges::sort(model.sent);
  REQUIRE(sent == model.sent);
  REQUIRE(received == model.received);
}

}  // namespace

TEST_CASE("a channel does what three queues do, whatever comes in whatever order") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    test::run_alone(play_channel, seed);
  }
}
