// SPDX-License-Identifier: MIT
#include "simulated_network.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace simulation {

bool simulated_network::is_open(int descriptor) const noexcept {
  const auto index = static_cast<std::size_t>(descriptor - first);
  return is_socket(descriptor) && index < sockets_.size() && sockets_[index].open;
}

std::size_t simulated_network::open() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(sockets_.begin(), sockets_.end(), [](const socket& one) { return one.open; }));
}

simulated_network::socket& simulated_network::named(int descriptor) noexcept {
  if (!is_open(descriptor)) by_.fail("a socket of datagrams is used that is not open");
  return sockets_[static_cast<std::size_t>(descriptor - first)];
}

const simulated_network::socket* simulated_network::bound_to(unsigned port) const noexcept {
  const auto found = std::find_if(sockets_.begin(), sockets_.end(),
                                  [=](const socket& one) { return one.open && one.port == port; });
  return found == sockets_.end() ? nullptr : &*found;
}

void simulated_network::tell(const socket& one) {
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    if (&sockets_[i] == &one) return changed(first + static_cast<int>(i));
  }
}

int simulated_network::make() noexcept {
  sockets_.emplace_back();
  return first + static_cast<int>(sockets_.size()) - 1;
}

int simulated_network::bind(int descriptor, unsigned port) noexcept {
  if (bound_to(port) != nullptr) return -EADDRINUSE;
  named(descriptor).port = port;
  return 0;
}

int simulated_network::connect(int descriptor, unsigned port) noexcept {
  named(descriptor).peer = port;
  return 0;
}

int simulated_network::send(int descriptor, unsigned port, std::string bytes) noexcept {
  socket& from = named(descriptor);
  if (const int error = take_error(descriptor); error != 0) return error;
  if (port == 0) port = from.peer;
  if (port == 0) return -EDESTADDRREQ;
  const auto on_their_way =
      std::count_if(on_their_way_.begin(), on_their_way_.end(),
                    [&](const sent_datagram& one) { return one.from == from.port; });
  if (static_cast<std::size_t>(on_their_way) >= most) return -EAGAIN;
  const auto size = static_cast<int>(bytes.size());
  by_.note("datagram sent", port, size);
  ++done.sent;
  on_their_way_.push_back({from.port, port, std::move(bytes)});
  return size;
}

const sent_datagram* simulated_network::oldest(int descriptor) noexcept {
  const socket& of = named(descriptor);
  return of.arrived.empty() ? nullptr : &of.arrived.front();
}

void simulated_network::received(int descriptor) noexcept {
  named(descriptor).arrived.pop_front();
  ++named(descriptor).received;
}

int simulated_network::take_error(int descriptor) noexcept {
  const int error = std::exchange(named(descriptor).error, 0);
  if (error != 0) ++done.errors_told;
  return error;
}

int simulated_network::close(int descriptor) noexcept {
  by_.note("closed", descriptor - first);
  socket& one = named(descriptor);
  one.open = false;
  one.arrived.clear();
  return 0;
}

void simulated_network::move() {
  const auto which =
      on_their_way_.begin() + by_.random.below(static_cast<unsigned>(on_their_way_.size()));
  const sent_datagram one = std::move(*which);
  on_their_way_.erase(which);
  auto* const sender = const_cast<socket*>(bound_to(one.from));
  auto* const receiver = const_cast<socket*>(bound_to(one.to));
  if (receiver == nullptr) {
    if (sender != nullptr && sender->peer == one.to) sender->error = -ECONNREFUSED;
  } else if (by_.fault(12) || receiver->arrived.size() == most ||
             (receiver->peer != 0 && receiver->peer != one.from)) {
    ++done.lost;
    by_.note("datagram lost", one.from, one.to);
  } else {
    by_.note("datagram arrives", one.from, one.to);
    receiver->arrived.push_back(one);
    tell(*receiver);
  }
  if (sender != nullptr) tell(*sender);
}

bool simulated_network::is_idle(unsigned port) const noexcept {
  const bool coming = std::any_of(on_their_way_.begin(), on_their_way_.end(),
                                  [=](const sent_datagram& one) { return one.to == port; });
  const socket* const of = bound_to(port);
  return !coming && (of == nullptr || of->arrived.empty());
}

std::uint64_t simulated_network::received_by(unsigned port) const noexcept {
  const socket* const of = bound_to(port);
  return of == nullptr ? 0 : of->received;
}

}  // namespace simulation
