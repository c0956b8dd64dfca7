// SPDX-License-Identifier: MIT
#include "paperwork.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace simulation {
namespace {

constexpr unsigned most_records = 2;
constexpr unsigned most_record_steps = 8;
constexpr unsigned most_text = 60;
constexpr std::size_t little_room = 100;

std::string_view part_of(std::string_view all, std::size_t offset, std::size_t bytes) {
  return all.substr(std::min(offset, all.size()), bytes);
}

std::span<std::byte> bytes_in(std::string& text) {
  return std::as_writable_bytes(std::span(text.data(), text.size()));
}

}  // namespace

paperwork::paperwork(schedule& s, simulated_kernel& kernel) : simulated_program(s, kernel) {
  if (by.chance(4)) kernel_.files.room = little_room;
  kernel_.files.has_unnamed = !by.chance(3);
}

std::string paperwork::some_text() {
  std::string text(1 + by.random.below(most_text), ' ');
  const unsigned from = by.random.below(50);
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('0' + (from + i) % 75);
  return text;
}

lull::task<> paperwork::run() {
  if (by.chance(2)) buffers_.emplace(1 + by.random.below(2), 1);
  lull::scope all;
  for (unsigned i = 1 + by.random.below(most_records); i > 0; --i) {
    all.spawn([this, i] { return keep(i); });
  }
  all.spawn([this] { return replace_all(); });
  all.spawn([this] { return read_all(); });
  if (by.chance(3)) all.spawn([this] { return keep_order(); });
  co_await all.join();
  buffers_.reset();
  if (done.interrupted > kernel_.made.operations_interrupted) {
    by.fail("something was interrupted by its own stop, and says so");
  }
}

// What a kernel may say at times.
void paperwork::failed(const lull::failure& why, bool patient) {
  switch (why.code) {
    case ECANCELED:
      ++done.given_up;
      if (patient) by.fail("something with files was given up that nobody stopped");
      return;
    case EINTR:
      ++done.interrupted;
      return;
    case EAGAIN:
      ++done.not_yet;
      return;
    case EMFILE:
      ++done.no_descriptor;
      return;
    case ENOSPC:
      ++done.no_room;
      if (kernel_.files.room == little_room) return;
      break;
    default:
      break;
  }
  by.fail("something with files failed for no reason: " + why.message());
}

lull::task<> paperwork::keep(unsigned number) {
  record mine{std::string(simulated_files::folder) + "/record-" + std::to_string(number)};
  for (unsigned left = 3 + by.random.below(most_record_steps); left > 0; --left) {
    while (!mine.file.is_open()) {
      auto opening = open(mine);
      co_await std::move(opening);
    }
    auto step = one_step(mine);
    co_await std::move(step);
    compare(mine);
  }
}

lull::task<> paperwork::open(record& mine) {
  const time_limit most = some_limit();
  auto opened = co_await lull::timeout(most.time, lull::fs::open(mine.path, O_RDWR | O_CREAT));
  if (!*opened) co_return failed(opened->why(), most.patient);
  mine.file = std::move(**opened);
}

lull::task<> paperwork::one_step(record& mine) {
  switch (by.random.below(10)) {
    case 0:
      return write_some(mine);
    case 1:
      return write_two(mine);
    case 2:
      return read_some(mine);
    case 3:
      return read_whole(mine);
    case 4:
      return change_size(mine);
    case 5:
      return sync(mine);
    case 6:
      return close(mine);
    case 7:
    case 8:
      return other_step(mine);
    default:
      return write_whole(mine);
  }
}

void paperwork::apply(record& to, std::size_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  if (to.expected.size() < offset + bytes.size()) to.expected.resize(offset + bytes.size());
  to.expected.replace(offset, bytes.size(), bytes);
}

void paperwork::settle(record& mine, std::size_t offset, std::string_view bytes) {
  const std::string& now = *kernel_.files.content(mine.path);
  const std::string before = mine.expected;
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    mine.expected = before;
    apply(mine, offset, bytes.substr(0, length));
    // Something else may be written elsewhere.
    if (part_of(mine.expected, offset, bytes.size()) == part_of(now, offset, bytes.size())) {
      if (length != 0) ++done.in_part;
      return;
    }
  }
  by.fail("a write that failed has not written the beginning of its bytes");
}

void paperwork::compare(const record& mine) {
  const std::string* const now = kernel_.files.content(mine.path);
  if (now == nullptr || *now != mine.expected) by.fail("a file is not what was written to it");
}

lull::task<> paperwork::write_some(record& mine) {
  const time_limit most = some_limit();
  const std::string text = some_text();
  const std::size_t offset = by.random.below(static_cast<unsigned>(mine.expected.size()) + 10);
  std::string second = some_text();
  std::string first = text;
  const std::array<iovec, 2> places{iovec{first.data(), first.size()},
                                    iovec{second.data(), second.size()}};
  const bool vectored = by.chance(2);
  lull::timed<lull::result<std::size_t>> wrote;
  if (vectored) {
    wrote = co_await lull::timeout(most.time, mine.file.write(places, offset));
  } else {
    wrote = co_await lull::timeout(most.time, mine.file.write(text, offset));
  }
  if (!*wrote) co_return failed(wrote->why(), most.patient);
  const std::string all = vectored ? first + second : text;
  if (**wrote == 0 || **wrote > all.size()) by.fail("a write wrote nothing, or too much");
  apply(mine, offset, std::string_view(all).substr(0, **wrote));
  ++done.written;
}

// Of a text somewhere within the record, or behind it.
paperwork::writing paperwork::some_writing(const record& mine) {
  writing all{some_limit(), some_text(), by.chance(2), mine.expected.size()};
  if (!all.appends) all.offset = by.random.below(static_cast<unsigned>(all.offset) + 1);
  return all;
}

lull::task<> paperwork::write_whole(record& mine) {
  const auto [most, text, appends, offset] = some_writing(mine);
  lull::timed<lull::result<void>> wrote;
  if (appends) {
    wrote = co_await lull::timeout(most.time, mine.file.append(text));
  } else {
    wrote = co_await lull::timeout(most.time, mine.file.write_all(text, offset));
  }
  if (*wrote) {
    apply(mine, offset, text);
    ++done.written;
    co_return;
  }
  settle(mine, offset, text);
  failed(wrote->why(), most.patient);
}

// Two at a time, beside each other; at times the file is closed meanwhile.
lull::task<> paperwork::write_two(record& mine) {
  const std::size_t half = mine.expected.size() / 2;
  const std::string texts[2] = {some_text().substr(0, half), some_text().substr(0, half)};
  const std::size_t offsets[2] = {0, half};
  const bool closes = by.chance(2);
  lull::scope both;
  for (unsigned i = 0; i < 2; ++i) {
    both.spawn([this, &mine, &texts, &offsets, i, closes]() -> lull::task<> {
      if (closes && by.chance(4)) co_await lull::sleep(a_while());
      const auto wrote = co_await mine.file.write_all(texts[i], offsets[i]);
      if (wrote) {
        apply(mine, offsets[i], texts[i]);
        co_return;
      }
      settle(mine, offsets[i], texts[i]);
      const bool is_closed = closes && wrote.why().code == EBADF;
      if (!is_closed) failed(wrote.why(), !closes);
    });
  }
  if (closes) {
    co_await lull::sleep(a_while());
    const auto closed = co_await mine.file.close();
    if (!closed && closed.why().code != EIO) by.fail("a file could not be closed");
  }
  co_await both.join();
}

lull::task<> paperwork::read_some(record& mine) {
  const time_limit most = some_limit();
  const std::size_t offset = by.random.below(static_cast<unsigned>(mine.expected.size()) + 5);
  std::string into(2 + by.random.below(most_text), '?');
  const std::size_t half = into.size() / 2;
  const std::array<iovec, 2> places{iovec{into.data(), half},
                                    iovec{into.data() + half, into.size() - half}};
  lull::timed<lull::result<std::size_t>> got;
  if (by.chance(2)) {
    got = co_await lull::timeout(most.time, mine.file.read(places, offset));
  } else {
    got = co_await lull::timeout(most.time, mine.file.read(bytes_in(into), offset));
  }
  if (!*got) co_return failed(got->why(), most.patient);
  const std::string_view there = part_of(mine.expected, offset, into.size());
  if (**got == 0 && !there.empty()) by.fail("a read ended before its file");
  if (**got > there.size() || there.substr(0, **got) != into.substr(0, **got)) {
    by.fail("a read gave other bytes than its file has");
  }
  ++(there.empty() ? done.read_at_end : done.read);
}

lull::task<> paperwork::read_whole(record& mine) {
  const time_limit most = some_limit();
  const std::size_t offset = by.random.below(static_cast<unsigned>(mine.expected.size()) + 1);
  std::string into(1 + by.random.below(most_text), '?');
  const std::string_view there = part_of(mine.expected, offset, into.size());
  const bool fits = there.size() == into.size();
  const auto got =
      co_await lull::timeout(most.time, mine.file.read_exactly(bytes_in(into), offset));
  if (*got) {
    if (there != into) by.fail("a read gave other bytes than its file has");
    ++done.read;
  } else if (got->why().code == ENODATA && !fits) {
    ++done.read_at_end;
  } else {
    failed(got->why(), most.patient);
  }
}

lull::task<> paperwork::change_size(record& mine) {
  const std::size_t bytes = by.random.below(static_cast<unsigned>(mine.expected.size()) + 20);
  const time_limit most = some_limit();
  auto cutting = mine.file.truncate(bytes);
  const auto cut = co_await lull::timeout(most.time, std::move(cutting));
  if (!*cut) co_return failed(cut->why(), most.patient);
  mine.expected.resize(bytes);
  const auto status = co_await mine.file.stat();
  if (!status) co_return failed(status.why(), true);
  if (status->bytes != bytes) by.fail("a file is longer or shorter than it was made");
}

// Or drops it; it is opened again.
lull::task<> paperwork::close(record& mine) {
  ++done.closed;
  if (by.chance(2)) {
    mine.file = lull::file();
    co_return;
  }
  const auto closed = co_await mine.file.close();
  if (!closed && closed.why().code != EIO) by.fail("a file could not be closed");
}

}  // namespace simulation
