// SPDX-License-Identifier: MIT
#include "simulated_sockets.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace simulation {

bool simulated_sockets::is_open(int descriptor) const noexcept {
  const auto index = static_cast<std::size_t>(descriptor - first);
  return is_socket(descriptor) && index < sockets_.size() && sockets_[index].open;
}

std::size_t simulated_sockets::open() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(sockets_.begin(), sockets_.end(), [](const socket& one) { return one.open; }));
}

simulated_sockets::socket& simulated_sockets::named(int descriptor) noexcept {
  if (!is_open(descriptor)) by_.fail("a socket is used that is not open");
  return sockets_[static_cast<std::size_t>(descriptor - first)];
}

connection& simulated_sockets::stream(int descriptor) noexcept {
  connection* const found = named(descriptor).with;
  if (found == nullptr) by_.fail("what is no connection is used as one");
  return *found;
}

int simulated_sockets::make() noexcept {
  const auto unused =
      std::find_if(sockets_.begin(), sockets_.end(), [](const socket& one) { return !one.open; });
  const auto index = unused - sockets_.begin();
  if (unused == sockets_.end()) sockets_.emplace_back();
  sockets_[static_cast<std::size_t>(index)] = {};
  return first + static_cast<int>(index);
}

int simulated_sockets::listen(int descriptor) noexcept {
  named(descriptor).listens = true;
  return 0;
}

int simulated_sockets::accept(int listener) noexcept {
  if (!named(listener).listens) return -EINVAL;
  if (named(listener).backlog.empty()) return -EAGAIN;
  const int made = make();
  std::deque<connection*>& waiting = named(listener).backlog;
  named(made).with = waiting.front();
  waiting.pop_front();
  by_.note("accepted", made - first, static_cast<std::int64_t>(named(made).with->peer));
  return made;
}

// As TCP: what has come before a reset can still be read, and the reset is told once.
int simulated_sockets::receive(int descriptor, void* into, std::size_t bytes) noexcept {
  connection& from = stream(descriptor);
  if (!from.arrived.empty()) {
    const std::size_t now = std::min(bytes, from.arrived.size());
    std::memcpy(into, from.arrived.data(), now);
    took(from, now);
    return static_cast<int>(now);
  }
  if (from.reset && !std::exchange(from.told, true)) return -ECONNRESET;
  return from.reset || from.peer_ended || !from.lull_reads ? 0 : -EAGAIN;
}

int simulated_sockets::send(int descriptor, const void* from, std::size_t bytes) noexcept {
  connection& to = stream(descriptor);
  if (to.other != nullptr) return send_to_other(to, from, bytes);
  if (to.reset && !std::exchange(to.told, true)) return -ECONNRESET;
  if (to.reset || to.lull_ended) return -EPIPE;
  const std::size_t now = std::min(bytes, most - to.left.size());
  if (now == 0 && bytes != 0) return -EAGAIN;
  to.left.append(static_cast<const char*>(from), now);
  to.accepted += now;
  return static_cast<int>(now);
}

int simulated_sockets::connect(int descriptor, unsigned peer) noexcept {
  socket& one = named(descriptor);
  if (!one.asks) {
    one.asks = true;
    one.asked = peer;
    asked(descriptor);
  }
  return one.answered;
}

int simulated_sockets::shut_down(int descriptor, bool reading) noexcept {
  connection& one = stream(descriptor);
  if (one.reset) return -ENOTCONN;
  one.lull_ended = true;
  if (reading) one.lull_reads = false;
  if (one.other != nullptr) {
    one.other->peer_ended = true;
    news_.push_back(one.other);
  }
  changed(descriptor);
  return 0;
}

// Closing with something unread resets the connection, as TCP does.
int simulated_sockets::close(int descriptor) noexcept {
  socket& one = named(descriptor);
  for (connection* const nobody : one.backlog) {
    nobody->reset = nobody->lull_closed = true;
    leave(*nobody);
    if (nobody->other != nullptr) news_.push_back(nobody->other);
  }
  if (one.with != nullptr) {
    one.with->lull_closed = one.with->lull_ended = true;
    if (!one.with->arrived.empty()) one.with->reset = true;
    leave(*one.with);
    if (one.with->other != nullptr) news_.push_back(one.with->other);
  }
  one = {};
  one.open = false;
  by_.note("closed", descriptor - first);
  tell_news();
  return 0;
}

int simulated_sockets::peer_of(int descriptor) noexcept {
  const connection& one = stream(descriptor);
  return one.reset ? -ENOTCONN : static_cast<int>(one.peer);
}

void simulated_sockets::disconnect(int descriptor) noexcept {
  by_.note("disconnected", descriptor - first);
  reset(stream(descriptor));
}

bool simulated_sockets::somebody_listens() const noexcept {
  return std::any_of(sockets_.begin(), sockets_.end(),
                     [](const socket& one) { return one.listens; });
}

connection* simulated_sockets::connect(unsigned peer) {
  std::vector<std::size_t> listening;
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    if (sockets_[i].listens) listening.push_back(i);
  }
  // Some get more than others.
  const auto many = static_cast<unsigned>(listening.size());
  const std::size_t to = listening[std::min(by_.random.below(many), by_.random.below(many))];
  connections_.push_back({.peer = peer});
  sockets_[to].backlog.push_back(&connections_.back());
  changed(first + static_cast<int>(to));
  return &connections_.back();
}

std::vector<int> simulated_sockets::asking() const {
  std::vector<int> all;
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    const socket& one = sockets_[i];
    if (one.open && one.asks && one.answered == -EAGAIN) all.push_back(first + static_cast<int>(i));
  }
  return all;
}

connection* simulated_sockets::answer(int descriptor, int code) {
  socket& one = named(descriptor);
  one.answered = code;
  by_.note("answered", one.asked, code);
  if (code == 0) {
    connections_.push_back({.peer = one.asked});
    one.with = &connections_.back();
  }
  changed(descriptor);
  return one.with;
}

void simulated_sockets::tell(const connection& one) {
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    if (sockets_[i].with == &one) return changed(first + static_cast<int>(i));
  }
}

void simulated_sockets::deliver(connection& to, const std::string& bytes) {
  if (to.lull_closed) {
    to.reset = true;
    return;
  }
  if (!to.lull_reads) return;
  to.arrived += bytes;
  tell(to);
}

std::string simulated_sockets::take(connection& from, std::size_t bytes) {
  const std::size_t now = std::min(bytes, from.left.size());
  std::string taken = from.left.substr(0, now);
  from.left.erase(0, now);
  if (from.confirms) {
    confirm(from);
  } else {
    tell(from);
  }
  return taken;
}

// What it has read.
void simulated_sockets::confirm(connection& from) {
  from.confirmed = from.accepted - from.left.size();
  tell(from);
}

void simulated_sockets::end(connection& one) {
  one.peer_ended = true;
  tell(one);
}

void simulated_sockets::reset(connection& one) {
  one.reset = true;
  one.left.clear();
  tell(one);
}

}  // namespace simulation
