// SPDX-License-Identifier: MIT
// What the tasks of a simulation move bytes between, and who is at the other ends.
#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "plumbing.hpp"

namespace simulation {
namespace {

constexpr unsigned most_flow = 180;
constexpr unsigned most_tapped = 90;

}  // namespace

std::string plumbing::some_text() { return some_letters(most_tapped, most_flow); }

plumbing::job plumbing::new_job() { return {.text = some_text(), .closes = by.chance(4)}; }

std::string plumbing::new_path() {
  return std::string(simulated_files::folder) + "/file-" + std::to_string(++files_);
}

lull::pipe_reader plumbing::filled_pipe(const job& mine) {
  const auto [reader, writer] = kernel_.pipes.make();
  taps_.push_back(
      {.text = mine.text, .end = writer, .fills = true, .is_silent = mine.closes && by.chance(2)});
  return lull::pipe_reader(lull::descriptor(reader));
}

lull::pipe_writer plumbing::drained_pipe(job& mine) {
  const auto [reader, writer] = kernel_.pipes.make();
  taps_.push_back({.text = mine.text,
                   .end = reader,
                   .leaves_early = by.chance(4),
                   .is_silent = mine.closes && by.chance(2)});
  mine.drain = &taps_.back();
  return lull::pipe_writer(lull::descriptor(writer));
}

lull::task<lull::file> plumbing::file_of(std::string path, std::string text) {
  const int made = kernel_.files.open(path, O_CREAT);
  kernel_.files.write(made, text.data(), text.size(), 0);
  kernel_.files.close(made);
  for (;;) {
    auto opened = co_await lull::fs::open(path, O_RDWR);
    if (opened) co_return std::move(*opened);
  }
}

lull::task<lull::tcp_stream> plumbing::drained_stream(job& mine) {
  taps_.push_back({.text = mine.text, .leaves_early = by.chance(4)});
  mine.drain = &taps_.back();
  const auto port = static_cast<std::uint16_t>(taps_.size());
  for (;;) {
    auto connected = co_await lull::connect(lull::address::loopback(port));
    if (connected) co_return std::move(*connected);
  }
}

bool plumbing::can_act(const tap& one) const {
  if (one.gone) return false;
  if (one.with != nullptr) return !one.with->left.empty() || one.with->lull_closed;
  if (one.end < 0) return false;
  if (one.is_silent) return (kernel_.pipes.readiness(one.end) & (POLLHUP | POLLERR)) != 0;
  if (one.fills) return kernel_.pipes.room(one.end) != 0 || !kernel_.pipes.has_reader(one.end);
  return !kernel_.pipes.content(one.end).empty() || !kernel_.pipes.has_writer(one.end);
}

bool plumbing::can_act() const {
  return kernel_.has_file_work() ||
         std::any_of(taps_.begin(), taps_.end(), [this](const tap& one) { return can_act(one); });
}

void plumbing::act() {
  std::vector<tap*> able;
  for (tap& one : taps_) {
    if (can_act(one)) able.push_back(&one);
  }
  if (able.empty() || (kernel_.has_file_work() && by.chance(2))) return kernel_.do_file_work();
  tap& one = *able[by.random.below(static_cast<unsigned>(able.size()))];
  if (one.fills) {
    fill(one);
  } else {
    drain(one);
  }
}

void plumbing::fill(tap& one) {
  const std::size_t most = std::min<std::size_t>(one.text.size(), 1 + by.random.below(most_tapped));
  const int moved = kernel_.pipes.write(one.end, one.text.data(), most);
  if (moved > 0) one.text.erase(0, static_cast<std::size_t>(moved));
  if (moved < 0 || one.text.empty()) return leave(one);
  kernel_.pipes.tell(one.end);
}

void plumbing::drain(tap& one) {
  if (one.leaves_early && by.chance(6)) return leave(one);
  std::string got(1 + by.random.below(most_tapped), '?');
  if (one.with != nullptr) {
    got = kernel_.sockets.take(*one.with, got.size());
  } else {
    const int moved = kernel_.pipes.read(one.end, got.data(), got.size());
    got.resize(static_cast<std::size_t>(moved));
    kernel_.pipes.tell(one.end);
  }
  if (one.text.compare(one.moved, got.size(), got) != 0) by.fail("other bytes came out");
  one.moved += got.size();
  if (got.empty()) leave(one);
}

void plumbing::leave(tap& one) {
  one.gone = true;
  if (one.with == nullptr) {
    kernel_.close(one.end);
  } else if (!one.with->lull_closed) {
    kernel_.sockets.reset(*one.with);
  }
}

}  // namespace simulation
