// SPDX-License-Identifier: MIT
#include "schedule.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <lull/reclaim/participant.hpp>

namespace simulation {
namespace {

// With faults off a run ends within some thousand steps.
constexpr std::uint64_t most_steps = 300'000;
constexpr std::uint64_t most_steps_with_faults = 4000;
constexpr std::size_t events_shown = 60;

}  // namespace

bool operator==(const event& a, const event& b) noexcept {
  return std::strcmp(a.what, b.what) == 0 && a.who == b.who && a.at == b.at && a.first == b.first &&
         a.second == b.second;
}

schedule::schedule(std::uint64_t seed)
    : random(seed, 0), seed_(seed), faults_until_(random.below(most_steps_with_faults)) {}

void schedule::add(const char* name, std::function<void()> body) {
  strands_.push_back({name, nullptr, lull::time_point::max()});
  fibers_.add(std::move(body));
}

bool schedule::can_run(std::size_t index) const {
  const strand& one = strands_[index];
  return !fibers_.ended(index) && (one.ready == nullptr || one.ready() || one.limit <= now_);
}

void schedule::run() {
  for (;;) {
    able_.clear();
    bool all_ended = true;
    lull::time_point next = next_news_();
    for (std::size_t i = 0; i < strands_.size(); ++i) {
      if (fibers_.ended(i)) continue;
      all_ended = false;
      if (can_run(i)) able_.push_back(i);
      next = std::min(next, strands_[i].limit);
    }
    if (all_ended) return;
    if (++steps_ > most_steps) fail("there is no end");
    if (able_.empty()) {
      if (next == lull::time_point::max()) fail("nobody can go on, and nothing will wake them");
      now_ = next;
      continue;
    }
    now_ += lull::nanoseconds(random.below(2000));
    fibers_.resume(able_[random.below(static_cast<unsigned>(able_.size()))]);
  }
}

void schedule::hand_over() {
  if (!fibers_.inside()) return;  // the driver makes and ends cores
  // The thread's variables.
  lull::participant* const mine = lull::participant::set_current(nullptr);
  fibers_.pause();
  lull::participant::set_current(mine);
}

void schedule::step() { hand_over(); }

bool schedule::wait(std::function<bool()> ready, lull::time_point limit) {
  strand& mine = strands_[fibers_.current()];
  mine.ready = std::move(ready);
  mine.limit = limit;
  hand_over();
  const bool came = mine.ready();
  mine.ready = nullptr;
  mine.limit = lull::time_point::max();
  return came;
}

lull::time_point schedule::read_clock(const void* self) noexcept {
  auto& me = *static_cast<schedule*>(const_cast<void*>(self));
  me.now_ += lull::nanoseconds(50 + me.random.below(100));
  if (me.chance(32)) me.hand_over();
  return me.now_;
}

void schedule::note(const char* what, std::int64_t first, std::int64_t second) {
  trace_.push_back({what, fibers_.inside() ? fibers_.current() : strands_.size(),
                    (now_ - began_).count(), first, second});
}

void schedule::fail(const std::string& why) const {
  std::fprintf(stderr, "simulation: seed %llu, step %llu: %s\n",
               static_cast<unsigned long long>(seed_), static_cast<unsigned long long>(steps_),
               why.c_str());
  const std::size_t shown = std::min(trace_.size(), events_shown);
  for (auto one = trace_.end() - static_cast<std::ptrdiff_t>(shown); one != trace_.end(); ++one) {
    std::fprintf(stderr, "  %10lld ns  %-8s %s %lld %lld\n", static_cast<long long>(one->at),
                 one->who < strands_.size() ? strands_[one->who].name : "driver", one->what,
                 static_cast<long long>(one->first), static_cast<long long>(one->second));
  }
  for (std::size_t i = 0; i < strands_.size(); ++i) {
    std::fprintf(stderr, "  %s %s\n", strands_[i].name,
                 fibers_.ended(i)                               ? "has ended"
                 : strands_[i].ready == nullptr                 ? "can run"
                 : strands_[i].limit == lull::time_point::max() ? "waits without a limit"
                                                                : "waits with a limit");
  }
  std::abort();
}

}  // namespace simulation
