// SPDX-License-Identifier: MIT
#include "simulated_peers.hpp"

#include <algorithm>

namespace simulation {
namespace {

constexpr unsigned most_peers = 12;
constexpr unsigned most_bytes = 500;
constexpr unsigned very_many_bytes = 5000;
constexpr unsigned most_at_once = 60;
constexpr unsigned longest_pause = 20'000;  // ns between two steps of anyone

}  // namespace

simulated_peers::simulated_peers(schedule& by, simulated_sockets& sockets)
    : by_(by), sockets_(sockets), left_(1 + by.random.below(most_peers)) {
  for (unsigned i = 0; i < left_; ++i) {
    const unsigned total = by_.random.below(by_.chance(8) ? very_many_bytes : most_bytes);
    const unsigned rude_after = by_.chance(6) ? by_.random.below(total + 1) : total + 1;
    all_.push_back({.total = total, .rude_after = rude_after});
  }
}

char simulated_peers::byte(unsigned number, unsigned place) noexcept {
  return static_cast<char>((number * 41 + place * 7 + (place >> 5) * 13) & 0xff);
}

bool simulated_peers::can_act(const peer& one) const noexcept {
  if (one.done) return false;
  if (one.with == nullptr) return excused_ || sockets_.somebody_listens();
  const connection& with = *one.with;
  if (!with.left.empty() || with.reset || with.lull_ended) return true;
  if (one.sent < one.total) return sockets_.room(with) != 0;
  return !one.ended;
}

bool simulated_peers::can_act() const noexcept {
  return std::any_of(all_.begin(), all_.end(), [this](const peer& one) { return can_act(one); });
}

void simulated_peers::play() {
  while (left_ != 0) {
    by_.wait([this] { return left_ == 0 || can_act(); }, lull::time_point::max());
    by_.wait([] { return false; }, by_.now() + lull::nanoseconds(by_.random.below(longest_pause)));
    act();
    at_some_time();
  }
}

void simulated_peers::act() {
  std::vector<unsigned> able;
  for (unsigned i = 0; i < all_.size(); ++i) {
    if (can_act(all_[i])) able.push_back(i);
  }
  if (!able.empty()) act(able[by_.random.below(static_cast<unsigned>(able.size()))]);
}

void simulated_peers::act(unsigned number) {
  peer& one = all_[number];
  if (one.with == nullptr) {
    if (!sockets_.somebody_listens()) {
      ++done.refused;
      return finish(one);
    }
    ++done.connected;
    one.with = sockets_.connect(number);
    by_.note("a peer connects", number);
    return;
  }
  connection& with = *one.with;
  const bool can_send = one.sent < one.total && !with.reset && sockets_.room(with) != 0;
  if (one.sent >= one.rude_after && by_.chance(2)) {
    one.was_rude = true;
    ++done.resets;
    by_.note("a peer resets", number);
    sockets_.reset(with);
    finish(one);
  } else if (can_send && (with.left.empty() || by_.chance(2))) {
    send(number);
  } else if (!with.left.empty() || with.reset || with.lull_ended) {
    read(number);
  } else if (one.sent == one.total && !one.ended) {
    one.ended = true;
    by_.note("a peer ends", number);
    sockets_.end(with);
  }
}

void simulated_peers::send(unsigned number) {
  peer& one = all_[number];
  std::string bytes;
  const std::size_t most = std::min<std::size_t>(sockets_.room(*one.with), one.total - one.sent);
  for (std::size_t i = 1 + by_.random.below(most_at_once); i > 0 && bytes.size() < most; --i) {
    bytes += byte(number, one.sent++);
  }
  done.sent += bytes.size();
  by_.note("a peer sends", number, static_cast<std::int64_t>(bytes.size()));
  sockets_.deliver(*one.with, bytes);
}

void simulated_peers::read(unsigned number) {
  peer& one = all_[number];
  const std::string bytes = sockets_.take(*one.with, 1 + by_.random.below(most_at_once));
  by_.note("a peer reads", number, static_cast<std::int64_t>(bytes.size()));
  for (const char got : bytes) {
    if (one.answered == one.sent) by_.fail("a peer got more than it sent");
    if (got != byte(number, one.answered++)) by_.fail("a peer got other bytes than it sent");
  }
  done.answered += bytes.size();
  if (!bytes.empty()) return;
  const bool whole = one.ended && one.answered == one.total && !one.with->reset;
  if (!whole && !excused(number)) by_.fail("a peer did not get all that it sent");
  if (whole) ++done.ended;
  if (!one.with->lull_closed && !one.with->reset) sockets_.end(*one.with);
  finish(one);
}

void simulated_peers::finish(peer& one) noexcept {
  one.done = true;
  --left_;
}

}  // namespace simulation
