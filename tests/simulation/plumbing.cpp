// SPDX-License-Identifier: MIT
#include "plumbing.hpp"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <type_traits>
#include <utility>

namespace simulation {
namespace {

constexpr unsigned most_jobs = 3;
constexpr unsigned most_moved = 90;

}  // namespace

plumbing::plumbing(schedule& s, simulated_kernel& kernel) : simulated_program(s, kernel) {
  kernel_.sockets.asked = [this](int descriptor) {
    tap& with = taps_[kernel_.sockets.asked_peer(descriptor) - 1];
    with.with = kernel_.sockets.answer(descriptor, 0);
  };
}

lull::task<> plumbing::run() {
  lull::scope all;
  for (unsigned i = 2 + by.random.below(most_jobs - 1); i > 0; --i) {
    all.spawn([this] { return one_job(); });
  }
  co_await all.join();
  const auto has_pipe = [](const tap& one) { return one.end >= 0 && !one.gone; };
  while (std::any_of(taps_.begin(), taps_.end(), has_pipe)) co_await lull::sleep(a_while());
  if (spliced_ != kernel_.made.spliced) by.fail("a splice does not say what it has moved");
}

lull::task<> plumbing::one_job() {
  switch (by.random.below(6)) {
    case 0:
      return pipe_to_file();
    case 1:
      return file_to_pipe();
    case 2:
      return pipe_to_pipe();
    case 3:
      return file_to_stream();
    case 4:
      return read_pipe();
    default:
      return write_pipe();
  }
}

lull::task<> plumbing::pipe_to_file() {
  job mine = new_job();
  const std::string path = new_path();
  auto opening = file_of(path, "");
  lull::file to = co_await std::move(opening);
  lull::pipe_reader from = filled_pipe(mine);
  const auto one = [&](std::size_t most) { return lull::splice(from, to, mine.moved, most); };
  auto carrying = carry(mine, from, to, one);
  co_await std::move(carrying);
  const std::string& there = *kernel_.files.content(path);
  if (there != mine.text.substr(0, mine.moved)) by.fail("a file is not what was spliced to it");
  if (mine.ended && there != mine.text) by.fail("a splice to a file ended early");
  ++done.to_files;
}

lull::task<> plumbing::file_to_pipe() {
  job mine = new_job();
  auto opening = file_of(new_path(), mine.text);
  lull::file from = co_await std::move(opening);
  lull::pipe_writer to = drained_pipe(mine);
  const auto one = [&](std::size_t most) { return lull::splice(from, mine.moved, to, most); };
  auto carrying = carry(mine, from, to, one);
  co_await std::move(carrying);
  ++done.from_files;
}

lull::task<> plumbing::pipe_to_pipe() {
  job mine = new_job();
  lull::pipe_reader from = filled_pipe(mine);
  lull::pipe_writer to = drained_pipe(mine);
  const auto one = [&](std::size_t most) { return lull::splice(from, to, most); };
  auto carrying = carry(mine, from, to, one);
  co_await std::move(carrying);
  ++done.to_pipes;
}

template <class From, class To, class Make>
lull::task<> plumbing::carry(job& mine, From& from, To& to, Make make) {
  lull::scope both;
  both.spawn([this, &mine, &make] { return splice_all(mine, make); });
  if (mine.closes) {
    co_await lull::sleep(4 * a_while());
    auto closing = by.chance(2) ? close(mine, from) : close(mine, to);
    co_await std::move(closing);
  }
  co_await both.join();
  if (mine.drain != nullptr && mine.drain->moved > mine.moved) {
    by.fail("more came than was spliced");
  }
}

template <class End>
lull::task<> plumbing::close(job& mine, End& end) {
  mine.closing = true;
  const lull::time_point before = by.now();
  if constexpr (std::is_same_v<End, lull::tcp_stream>) {
    co_await end.close();
  } else {
    const auto closed = co_await end.close();
    const bool is_lost = !closed && closed.why().code == EIO;  // what was written before
    if (!closed && !is_lost) by.fail("an end could not be closed: " + closed.why().message());
  }
  if (by.now() - before >= ever / 2) by.fail("closing waited for what may never come");
  ++done.closed;
}

template <class Make>
lull::task<> plumbing::splice_all(job& mine, Make make) {
  while (!mine.ended) {
    const bool patient = by.chance(2);
    const std::size_t most = 1 + by.random.below(most_moved);
    const auto got = co_await lull::timeout(patient ? ever : a_while(), make(most));
    if (*got) {
      if (**got > most) by.fail("a splice moved more than it was to");
      mine.moved += **got;
      spliced_ += **got;
      ++(**got == 0 ? done.ended : done.spliced);
      if (**got == 0) mine.ended = true;
      continue;
    }
    failed(mine, got->why(), patient);
    if (mine.closing || got->why().code == EPIPE || got->why().code == ECONNRESET) co_return;
  }
  if (mine.moved != mine.text.size()) by.fail("a splice ended before all was moved");
}

void plumbing::failed(job& mine, const lull::failure& why, bool patient) {
  switch (why.code) {
    case ECANCELED:
      ++done.given_up;
      if (!patient || mine.closing) return;
      break;
    case EBADF:
      ++done.refused;
      if (mine.closing) return;
      break;
    case EPIPE:
    case ECONNRESET:
      ++done.broken;
      if (mine.drain != nullptr && mine.drain->leaves_early) return;
      break;
    default:
      break;
  }
  by.fail("bytes were not moved for no reason: " + why.message());
}

lull::task<> plumbing::file_to_stream() {
  job mine{some_text()};
  auto opening = file_of(new_path(), mine.text);
  lull::file from = co_await std::move(opening);
  auto connecting = drained_stream(mine);
  lull::tcp_stream to = co_await std::move(connecting);
  const std::size_t begin = by.random.below(static_cast<unsigned>(mine.text.size()) + 1);
  const bool all = by.chance(2);
  const auto most = static_cast<unsigned>(mine.text.size());
  const std::uint64_t bytes = all ? ~std::uint64_t{0} : by.random.below(2 * most);
  mine.drain->text = mine.text.substr(begin, static_cast<std::size_t>(bytes));
  const bool patient = by.chance(2);
  auto sending = lull::send_file(to, from, begin, bytes);
  const auto sent = co_await lull::timeout(patient ? ever : 4 * a_while(), std::move(sending));
  if (*sent) {
    if (**sent != mine.drain->text.size()) by.fail("a file was not sent whole, and nobody says so");
    mine.drain->leaves_early = false;
    ++done.sent_files;
  } else {
    const int code = sent->why().code;
    const bool has_reason = code == EINTR || code == EAGAIN;  // said by the read
    if (!has_reason) failed(mine, sent->why(), patient);
    ++done.sent_in_part;
  }
}

lull::task<> plumbing::read_pipe() {
  job mine = new_job();
  lull::pipe_reader from = filled_pipe(mine);
  auto reading = use(mine, from, &plumbing::read_all);
  co_await std::move(reading);
}

lull::task<> plumbing::write_pipe() {
  job mine = new_job();
  lull::pipe_writer to = drained_pipe(mine);
  auto writing = use(mine, to, &plumbing::write_all);
  co_await std::move(writing);
}

template <class End>
lull::task<> plumbing::use(job& mine, End& end, lull::task<> (plumbing::*work)(job&, End&)) {
  lull::scope both;
  both.spawn([&, this] { return (this->*work)(mine, end); });
  if (mine.closes) {
    co_await lull::sleep(4 * a_while());
    auto closing = close(mine, end);
    co_await std::move(closing);
  }
  co_await both.join();
}

lull::task<> plumbing::read_all(job& mine, lull::pipe_reader& from) {
  while (!mine.closing) {
    std::string into(1 + by.random.below(most_moved), '?');
    const auto room = std::as_writable_bytes(std::span(into.data(), into.size()));
    const bool patient = by.chance(2);
    const std::string left = mine.text.substr(mine.moved);
    if (by.chance(2)) {
      const auto got = co_await lull::timeout(patient ? ever : a_while(), from.read(room));
      if (!*got) {
        failed(mine, got->why(), patient);
        continue;
      }
      if (**got == 0 && !left.empty()) by.fail("a pipe ended early");
      if (**got == 0) co_return;
      if (left.compare(0, **got, into, 0, **got) != 0) by.fail("a pipe gave other bytes");
      mine.moved += **got;
      ++done.read;
      continue;
    }
    const auto got = co_await from.read_exactly(room);
    if (!got && got.why().code != ENODATA) co_return failed(mine, got.why(), true);
    if (!got && left.size() >= into.size()) by.fail("a pipe ended early");
    if (!left.starts_with(got ? into : into.substr(0, left.size()))) {
      by.fail("a pipe gave other bytes");
    }
    if (!got) {
      ++done.read_short;
      co_return;
    }
    mine.moved += into.size();
  }
}

// After a write that failed an unknown part was written: what comes is the beginning of all.
lull::task<> plumbing::write_all(job& mine, lull::pipe_writer& to) {
  while (mine.moved < mine.text.size() && !mine.closing) {
    const std::size_t most = 1 + by.random.below(most_moved);
    const std::string piece = mine.text.substr(mine.moved, most);
    const bool patient = by.chance(2);
    const lull::nanoseconds limit = patient ? ever : a_while();
    if (by.chance(2)) {
      const auto wrote = co_await lull::timeout(limit, to.write(piece));
      if (*wrote) {
        if (**wrote == 0 || **wrote > piece.size()) by.fail("a pipe took nothing, or too much");
        mine.moved += **wrote;
        ++done.written;
        continue;
      }
      failed(mine, wrote->why(), patient);
      if (wrote->why().code == EPIPE) co_return;
      continue;
    }
    const auto wrote = co_await lull::timeout(limit, to.write_all(piece));
    if (!*wrote) {
      failed(mine, wrote->why(), patient);
      ++done.not_written;
      co_return;
    }
    mine.moved += piece.size();
    ++done.written;
  }
}

}  // namespace simulation
