// SPDX-License-Identifier: MIT
// Tasks of a simulation that wait for events and signals.
#include <signal.h>

#include <cerrno>
#include <limits>
#include <utility>

#include "errands.hpp"

namespace simulation {
namespace {

constexpr unsigned most_adds = 4;
constexpr int most_signals = 4;
constexpr std::uint64_t nearly_all = std::numeric_limits<std::uint64_t>::max() - 1;
constexpr lull::nanoseconds a_day = std::chrono::hours(24);

}  // namespace

lull::task<> errands::count() {
  const bool by_one = by.chance(3);
  using reads = lull::event_descriptor::reads;
  const unsigned first = by.random.below(3);
  auto made = lull::event_descriptor::make(first, by_one ? reads::one : reads::everything);
  counter& mine = counters_.emplace_back();
  mine.event = std::move(*made);
  mine.by_one = by_one;
  mine.added = first;
  mine.closes = by.chance(4);
  lull::scope all;
  for (unsigned i = 1 + by.random.below(2); i > 0; --i) {
    ++mine.adding;
    all.spawn([this, &mine] { return add(mine); });
  }
  all.spawn([this, &mine] { return read(mine); });
  if (mine.closes) {
    co_await lull::sleep(4 * a_while());
    mine.closed = true;
    const lull::time_point before = by.now();
    const auto ended = co_await mine.event.close();
    if (!ended) by.fail("an event could not be closed");
    if (by.now() - before >= a_day / 2) by.fail("closing waited for what may never come");
    ++done.closed;
  }
  co_await all.join();
  // Sums go round at 2^64.
  if (!mine.closed && mine.read != mine.added) by.fail("something else was read than was added");
  mine.closed = true;
  mine.event = lull::event_descriptor();
}

// So much at times that the next has to wait until it has been read.
lull::task<> errands::add(counter& to) {
  for (unsigned left = 1 + by.random.below(most_adds); left > 0; --left) {
    const bool patient = by.chance(2);
    const std::uint64_t value =
        !to.by_one && by.chance(4) ? nearly_all : 1 + by.random.below(to.by_one ? 2 : 100);
    auto added = co_await lull::timeout(patient ? a_day : a_while(), to.event.add(value));
    if (*added) {
      to.added += value;
      ++done.added;
      continue;
    }
    const int code = added->why().code;
    if (code == EBADF && to.closed) {
      ++done.refused;
      break;
    }
    if (code != ECANCELED || (patient && !to.closed)) by.fail("nothing was added for no reason");
    ++done.given_up;
  }
  --to.adding;
}

lull::task<> errands::read(counter& from) {
  while (!from.closed && (from.adding != 0 || from.read != from.added)) {
    const bool patient = from.closes && by.chance(2);
    const auto limit = patient ? a_day : a_while();
    const auto got = co_await lull::timeout(limit, from.event.read());
    if (*got) {
      if (**got == 0 || (from.by_one && **got != 1)) by.fail("nothing was read, or too much");
      from.read += **got;
      ++(from.by_one ? done.one_read : done.read);
      continue;
    }
    const int code = got->why().code;
    if (code == EBADF && from.closed) {
      ++done.refused;
      break;
    }
    if (code != ECANCELED || (patient && !from.closed))
      by.fail("an event was not read for no reason: " + got->why().message());
    ++done.given_up;
  }
}

// What was not read is for the next stream.
lull::task<> errands::listen() {
  to_send_ = 1 + static_cast<int>(by.random.below(most_signals));
  while (heard_ < to_send_) {
    auto opened = lull::signal_stream::open({SIGRTMIN});
    if (!opened) by.fail("signals cannot be read: " + opened.why().message());
    closing_ = false;
    lull::scope both;
    both.spawn([this, &opened] { return hear(*opened); });
    if (by.chance(2)) {
      co_await lull::sleep(4 * a_while());
      closing_ = true;
      const lull::time_point before = by.now();
      const auto closed = co_await opened->close();
      if (!closed) by.fail("signals could not be closed");
      if (by.now() - before >= a_day / 2) by.fail("closing waited for what may never come");
      ++done.closed;
    }
    co_await both.join();
  }
}

lull::task<> errands::hear(lull::signal_stream& from) {
  while (heard_ < to_send_ && !closing_) {
    const bool patient = by.chance(2);
    const auto came = co_await lull::timeout(patient ? a_day : a_while(), from.next());
    if (*came) {
      if ((*came)->number != SIGRTMIN || (*came)->value != heard_) by.fail("another signal came");
      ++heard_;
      ++done.signals;
      continue;
    }
    const int code = came->why().code;
    const bool has_reason = code == ECANCELED ? !patient || closing_ : code == EBADF && closing_;
    if (!has_reason) by.fail("no signal came for no reason: " + came->why().message());
    ++done.given_up;
  }
}

}  // namespace simulation
