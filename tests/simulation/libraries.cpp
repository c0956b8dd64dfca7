// SPDX-License-Identifier: MIT
#include "libraries.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace simulation {
namespace {

using lull::has_any;
using lull::readiness;

constexpr unsigned most_libraries = 3;
constexpr unsigned most_library_text = 110;
constexpr unsigned most_piece = 40;

}  // namespace

libraries::libraries(schedule& s, simulated_kernel& kernel) : simulated_program(s, kernel) {}

lull::task<> libraries::run() {
  for (unsigned i = 1 + by.random.below(most_libraries); i > 0; --i) {
    const auto [reader, writer] = kernel_.pipes.make();
    const bool reads = by.chance(2);
    library& one = all_.emplace_back(reads ? reader : writer);
    one.world = reads ? writer : reader;
    one.reads = reads;
    one.left = one.expected = some_letters(most_piece, most_library_text);
    one.closes_early = by.chance(4);
    one.known = by.chance(2);
    one.is_silent = one.closes_early && by.chance(2);
  }
  lull::scope all;
  for (library& one : all_) {
    all.spawn([this, &one] { return use(one); });
  }
  co_await all.join();
  while (can_act()) co_await lull::sleep(a_while());  // the other sides go away
  if (done.ready != kernel_.made.polls_ready) by.fail("what a poll said was not given to anybody");
}

lull::task<> libraries::use(library& mine) {
  lull::scope both;
  both.spawn([this, &mine] { return work(mine); });
  both.spawn([this, &mine] { return watch(mine); });
  if (mine.closes_early) {
    co_await lull::sleep(3 * a_while());
  } else {
    while (!mine.done) co_await lull::sleep(a_while());
  }
  mine.over = true;
  const lull::time_point before = by.now();
  if (mine.known) {
    co_await mine.polled.release();
    ++done.released;
  } else {
    both.request_stop();
    co_await both.join();
    ++done.stopped;
  }
  if (kernel_.close(mine.descriptor) < 0) by.fail("a library could not close its descriptor");
  if (by.now() - before >= ever / 2) by.fail("letting go waited for what may never come");
  mine.descriptor = -1;
  if (mine.known) co_await both.join();
}

lull::task<lull::readiness> libraries::wait_for(library& mine, lull::readiness wanted) {
  const bool patient = by.chance(2);
  const lull::nanoseconds limit = patient ? ever : a_while();
  lull::timed<lull::result<readiness>> got;
  if (mine.known) {
    got = co_await lull::timeout(limit, mine.polled.poll(wanted));
  } else {
    got = co_await lull::timeout(limit, lull::poll(mine.descriptor, wanted));
  }
  if (*got) {
    ++done.ready;
    if (**got == readiness::none) by.fail("a poll said nothing");
    if (has_any(**got, wanted) || has_any(**got, readiness::error | readiness::hung_up)) {
      co_return **got;
    }
    by.fail("a poll said what it was not asked for");
  }
  const int code = got->why().code;
  if (code == ECANCELED && (mine.over || !patient)) {
    ++done.given_up;
  } else if (code == EBADF && mine.polled.is_released()) {
    ++done.refused;
  } else {
    by.fail("a poll failed for no reason: " + got->why().message());
  }
  co_return readiness::none;
}

lull::task<> libraries::work(library& mine) {
  const readiness wanted = mine.reads ? readiness::readable : readiness::writable;
  while (!mine.done) {
    auto waiting = wait_for(mine, wanted);
    const readiness come = co_await std::move(waiting);
    if (come == readiness::none && mine.over) break;
    if (come == readiness::none || mine.descriptor < 0) continue;
    if (by.chance(4)) {  // the same is said again
      ++done.told_again;
      continue;
    }
    if (mine.reads) {
      read_some(mine);
    } else {
      write_some(mine);
    }
  }
}

// Until nobody has the other end.
lull::task<> libraries::watch(library& mine) {
  while (!mine.done) {
    auto waiting = wait_for(mine, readiness::none);
    const readiness come = co_await std::move(waiting);
    if (come == readiness::none && mine.over) break;
    if (come == readiness::none) continue;
    if (mine.world >= 0) by.fail("a poll said that the other end is gone, and it is there");
    ++done.hung_up;
    co_return;
  }
}

void libraries::read_some(library& mine) {
  std::array<char, most_piece> into;
  const int got = kernel_.pipes.read(mine.descriptor, into.data(), 1 + by.random.below(most_piece));
  by.note("a library reads", got);
  if (got == -EAGAIN) by.fail("a poll said that something can be read, and nothing can");
  if (got <= 0) {
    if (!mine.expected.empty()) by.fail("a library has not read everything");
    mine.done = true;
    ++done.ended;
    return;
  }
  const auto bytes = static_cast<std::size_t>(got);
  if (mine.expected.compare(0, bytes, into.data(), bytes) != 0) by.fail("other bytes were read");
  mine.expected.erase(0, bytes);
  ++done.read;
  kernel_.pipes.tell(mine.descriptor);
}

void libraries::write_some(library& mine) {
  if (mine.left.empty()) {
    mine.done = true;
    return;
  }
  const std::size_t most = 1 + by.random.below(most_piece);
  const int wrote =
      kernel_.pipes.write(mine.descriptor, mine.left.data(), std::min(most, mine.left.size()));
  by.note("a library writes", wrote);
  if (wrote == -EAGAIN) by.fail("a poll said that there is room, and there is none");
  if (wrote < 0) {  // nobody reads any more
    mine.done = true;
    return;
  }
  mine.left.erase(0, static_cast<std::size_t>(wrote));
  ++done.written;
  kernel_.pipes.tell(mine.descriptor);
}

bool libraries::can_act(const library& one) const {
  if (one.world < 0 || (one.is_silent && one.descriptor >= 0)) return false;
  if (one.reads) return kernel_.pipes.room(one.world) != 0 || !kernel_.pipes.has_reader(one.world);
  return !kernel_.pipes.content(one.world).empty() || !kernel_.pipes.has_writer(one.world);
}

bool libraries::can_act() const {
  return std::any_of(all_.begin(), all_.end(), [this](const library& one) { return can_act(one); });
}

void libraries::act() {
  std::vector<library*> able;
  for (library& one : all_) {
    if (can_act(one)) able.push_back(&one);
  }
  act(*able[by.random.below(static_cast<unsigned>(able.size()))]);
}

// The other side: goes away when all is written, or read to the end, and some of them at any time.
void libraries::act(library& one) {
  std::array<char, most_piece> into;
  int moved = 0;
  if (one.reads) {
    moved = kernel_.pipes.write(
        one.world, one.left.data(),
        std::min<std::size_t>(one.left.size(), 1 + by.random.below(most_piece)));
    if (moved > 0) one.left.erase(0, static_cast<std::size_t>(moved));
  } else {
    moved = kernel_.pipes.read(one.world, into.data(), 1 + by.random.below(most_piece));
    if (moved > 0) {
      const auto bytes = static_cast<std::size_t>(moved);
      if (one.expected.compare(0, bytes, into.data(), bytes) != 0) by.fail("others were written");
      one.expected.erase(0, bytes);
    }
  }
  const bool ends = one.reads ? one.left.empty() || moved == -EPIPE : moved == 0 || by.chance(24);
  if (!ends) return kernel_.pipes.tell(one.world);
  if (moved == 0 && one.expected != one.left) by.fail("what was written did not come");
  kernel_.close(std::exchange(one.world, -1));
}

}  // namespace simulation
