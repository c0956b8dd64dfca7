// SPDX-License-Identifier: MIT
// Connections of the simulated kernel of which both ends are lull's, as those of Unix sockets.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "simulated_sockets.hpp"

namespace simulation {

int simulated_sockets::connect_to(int descriptor, int listener) noexcept {
  if (!named(listener).listens) return -ECONNREFUSED;
  connection& mine = connections_.emplace_back();
  connection& other = connections_.emplace_back();
  mine.other = &other;
  other.other = &mine;
  named(descriptor).with = &mine;
  named(listener).backlog.push_back(&other);
  changed(listener);
  return 0;
}

bool simulated_sockets::is_linked(int descriptor) noexcept {
  const connection* const one = named(descriptor).with;
  return one != nullptr && one->other != nullptr;
}

int simulated_sockets::send_to_other(connection& from, const void* bytes,
                                     std::size_t count) noexcept {
  connection& to = *from.other;
  if (from.lull_ended || to.lull_closed || !to.lull_reads) return -EPIPE;
  const std::size_t now = std::min(count, most - to.arrived.size());
  if (now == 0 && count != 0) return -EAGAIN;
  to.arrived.append(static_cast<const char*>(bytes), now);
  last_sent_ = now;
  news_.push_back(&to);
  return static_cast<int>(now);
}

void simulated_sockets::attach(int descriptor, passed_descriptors passed) {
  connection* const to = stream(descriptor).other;
  if (to == nullptr || passed.empty()) return;
  to->passed.push_back({to->arrived.size() - last_sent_, std::move(passed)});
}

int simulated_sockets::receive_message(int descriptor, void* into, std::size_t bytes,
                                       passed_descriptors& with) noexcept {
  connection& from = stream(descriptor);
  if (!from.passed.empty() && from.passed.front().at == 0) {
    with = std::move(from.passed.front().all);
    from.passed.pop_front();
  }
  if (!from.passed.empty()) bytes = std::min(bytes, from.passed.front().at);
  return receive(descriptor, into, bytes);
}

// What came with the bytes is lost unless it has been taken.
void simulated_sockets::took(connection& from, std::size_t bytes) noexcept {
  from.arrived.erase(0, bytes);
  while (!from.passed.empty() && from.passed.front().at < bytes) from.passed.pop_front();
  for (connection::with_byte& one : from.passed) one.at -= bytes;
  if (from.other != nullptr) news_.push_back(from.other);
}

// The other end reads to the end, or learns that not all was read.
void simulated_sockets::leave(connection& one) noexcept {
  one.passed.clear();
  if (one.other == nullptr) return;
  one.other->peer_ended = true;
  if (!one.arrived.empty()) one.other->reset = true;
}

void simulated_sockets::tell_news() {
  while (!news_.empty()) {
    const connection& one = *news_.back();
    news_.pop_back();
    tell(one);
  }
}

}  // namespace simulation
