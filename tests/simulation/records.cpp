// SPDX-License-Identifier: MIT
// What else is done with the records of a simulation: syncs, durable writes, room that is reserved,
// advice, and memory that the kernel knows.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "paperwork.hpp"

namespace simulation {
namespace {

constexpr unsigned most_reserved = 40;

std::string piece_of(const std::string& all, std::size_t offset, std::size_t bytes) {
  return offset < all.size() ? all.substr(offset, bytes) : std::string();
}

bool is_lost(const lull::failure& why) noexcept { return why.code == EIO; }

}  // namespace

lull::task<> paperwork::other_step(record& mine) {
  switch (by.random.below(buffers_ ? 6 : 3)) {
    case 0:
      return write_durably(mine);
    case 1:
      return reserve(mine);
    case 2:
      return advise(mine);
    default:
      return use_registered(mine);
  }
}

lull::task<> paperwork::sync(record& mine) {
  const time_limit most = some_limit();
  const auto synced = co_await lull::timeout(most.time, mine.file.fsync());
  if (*synced) {
    if (!kernel_.files.is_synced(mine.path)) by.fail("a file is not safe, though it was synced");
    ++done.synced;
  } else if (synced->why().code == EIO) {
    ++done.sync_failed;
  } else {
    failed(synced->why(), most.patient);
  }
}

lull::task<> paperwork::write_durably(record& mine) {
  const auto [most, text, appends, offset] = some_writing(mine);
  lull::timed<lull::result<void>> wrote;
  if (appends) {
    wrote = co_await lull::timeout(most.time, mine.file.append_durably(text));
  } else {
    wrote = co_await lull::timeout(most.time, mine.file.write_durably(text, offset));
  }
  if (!*wrote) {
    settle(mine, offset, text);
    co_return failed(wrote->why(), most.patient);
  }
  apply(mine, offset, text);
  if (piece_of(kernel_.files.durable(mine.path), offset, text.size()) != text) {
    by.fail("what was written durably is not on the device");
  }
  ++done.durable;
}

// As long as before, or longer; at times with a hole.
lull::task<> paperwork::reserve(record& mine) {
  const time_limit most = some_limit();
  const std::size_t offset = by.random.below(static_cast<unsigned>(mine.expected.size()) + 5);
  const std::size_t bytes = 1 + by.random.below(most_reserved);
  static constexpr int modes[] = {0, FALLOC_FL_KEEP_SIZE,
                                  FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE};
  const int mode = modes[by.random.below(3)];
  const auto made = co_await lull::timeout(most.time, mine.file.allocate(offset, bytes, mode));
  if (!*made) co_return failed(made->why(), most.patient);
  if (mode == 0 && mine.expected.size() < offset + bytes) mine.expected.resize(offset + bytes);
  if ((mode & FALLOC_FL_PUNCH_HOLE) != 0 && offset < mine.expected.size()) {
    const std::size_t now = std::min(bytes, mine.expected.size() - offset);
    mine.expected.replace(offset, now, now, '\0');
  }
  ++done.reserved;
}

lull::task<> paperwork::advise(record& mine) {
  const time_limit most = some_limit();
  if (by.chance(2)) {
    const auto took =
        co_await lull::timeout(most.time, mine.file.advise(0, 0, POSIX_FADV_WILLNEED));
    if (!*took) co_return failed(took->why(), most.patient);
    ++done.advised;
    co_return;
  }
  const std::size_t offset = by.random.below(static_cast<unsigned>(mine.expected.size()) + 1);
  const std::size_t bytes = by.random.below(most_reserved);
  const auto synced = co_await lull::timeout(most.time, mine.file.sync_range(offset, bytes));
  if (*synced) {
    const std::size_t now = bytes == 0 ? std::string::npos : bytes;
    const std::string part = piece_of(mine.expected, offset, now);
    if (piece_of(kernel_.files.durable(mine.path), offset, part.size()) != part) {
      by.fail("a part that was synced is not on the device");
    }
    ++done.synced;
  } else if (is_lost(synced->why())) {
    ++done.sync_failed;
  } else {
    failed(synced->why(), most.patient);
  }
}

lull::task<> paperwork::use_registered(record& mine) {
  const auto buffer = co_await buffers_->acquire();
  if (!buffer) by.fail("no buffer came, and nobody was stopped");
  if (by.chance(3)) co_await lull::sleep(a_while());  // others wait for it
  auto using_it = by.chance(2) ? write_registered(mine, buffer) : read_registered(mine, buffer);
  co_await std::move(using_it);
  ++(buffers_->registration() ? done.registered : done.unregistered);
}

lull::task<> paperwork::write_registered(record& mine, const lull::registered_buffer& buffer) {
  const time_limit most = some_limit();
  const std::string text = some_text();
  const std::size_t from = by.random.below(100);
  std::memcpy(buffer.data() + from, text.data(), text.size());
  const auto bytes = buffer.subspan(from, text.size());
  const std::size_t offset = by.random.below(static_cast<unsigned>(mine.expected.size()) + 1);
  if (by.chance(2)) {
    const auto wrote = co_await lull::timeout(most.time, mine.file.write(bytes, offset));
    if (!*wrote) co_return failed(wrote->why(), most.patient);
    if (**wrote == 0 || **wrote > text.size()) by.fail("a write wrote nothing, or too much");
    apply(mine, offset, std::string_view(text).substr(0, **wrote));
    co_return;
  }
  const bool is_durable = by.chance(2);
  lull::timed<lull::result<void>> wrote;
  if (is_durable) {
    wrote = co_await lull::timeout(most.time, mine.file.write_durably(bytes, offset));
  } else {
    wrote = co_await lull::timeout(most.time, mine.file.write_all(bytes, offset));
  }
  if (!*wrote) {
    settle(mine, offset, text);
    co_return failed(wrote->why(), most.patient);
  }
  apply(mine, offset, text);
  if (is_durable && piece_of(kernel_.files.durable(mine.path), offset, text.size()) != text) {
    by.fail("what was written durably is not on the device");
  }
}

lull::task<> paperwork::read_registered(record& mine, const lull::registered_buffer& buffer) {
  const time_limit most = some_limit();
  const std::size_t offset = by.random.below(static_cast<unsigned>(mine.expected.size()) + 5);
  const std::size_t wanted = 1 + by.random.below(most_reserved);
  const auto into = buffer.subspan(by.random.below(100), wanted);
  const std::string there = piece_of(mine.expected, offset, wanted);
  const auto read = [&] {
    return std::string_view(reinterpret_cast<const char*>(into.data()), wanted);
  };
  if (by.chance(2)) {
    const auto got = co_await lull::timeout(most.time, mine.file.read(into, offset));
    if (!*got) co_return failed(got->why(), most.patient);
    if (**got == 0 && !there.empty()) by.fail("a read ended before its file");
    if (**got > there.size() || there.substr(0, **got) != read().substr(0, **got)) {
      by.fail("a read gave other bytes than its file has");
    }
    co_return;
  }
  const auto got = co_await lull::timeout(most.time, mine.file.read_exactly(into, offset));
  if (*got) {
    if (there != read()) by.fail("a read gave other bytes than its file has");
  } else if (got->why().code != ENODATA || there.size() == wanted) {
    failed(got->why(), most.patient);
  }
}

}  // namespace simulation
