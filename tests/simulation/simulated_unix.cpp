// SPDX-License-Identifier: MIT
#include "simulated_unix.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace simulation {

bool simulated_unix::is_open(int descriptor) const noexcept {
  const auto index = static_cast<std::size_t>(descriptor - first);
  return is_socket(descriptor) && index < sockets_.size() && sockets_[index].open;
}

std::size_t simulated_unix::open() const noexcept {
  return static_cast<std::size_t>(
      std::count_if(sockets_.begin(), sockets_.end(), [](const socket& one) { return one.open; }));
}

simulated_unix::socket& simulated_unix::named(int descriptor) noexcept {
  if (!is_open(descriptor)) by_.fail("a Unix socket of datagrams is used that is not open");
  return sockets_[static_cast<std::size_t>(descriptor - first)];
}

int simulated_unix::bind(int descriptor, std::string name) {
  if (name.empty()) name = std::string(1, '\0') + "chosen-" + std::to_string(++chosen_);
  return names_.emplace(std::move(name), descriptor).second ? 0 : -EADDRINUSE;
}

int simulated_unix::remove_unused(const std::string& name) noexcept {
  const auto found = names_.find(name);
  if (found == names_.end()) return -ENOENT;
  if (found->second >= 0) return -EADDRINUSE;
  names_.erase(found);
  return 0;
}

void simulated_unix::forget(int descriptor) noexcept {
  const auto found = std::find_if(names_.begin(), names_.end(),
                                  [=](const auto& one) { return one.second == descriptor; });
  if (found == names_.end()) return;
  found->second = -1;
  if (found->first[0] == '\0') names_.erase(found);
}

const std::string& simulated_unix::name_of(int descriptor) const noexcept {
  static const std::string none;
  for (const auto& [name, owner] : names_) {
    if (owner == descriptor) return name;
  }
  return none;
}

int simulated_unix::owner(const std::string& name) const noexcept {
  const auto found = names_.find(name);
  return found == names_.end() ? -1 : found->second;
}

int simulated_unix::make() noexcept {
  sockets_.emplace_back();
  return first + static_cast<int>(sockets_.size()) - 1;
}

int simulated_unix::connect(int descriptor, const std::string& to) noexcept {
  if (!is_open(owner(to))) return -ECONNREFUSED;
  named(descriptor).peer = to;
  return 0;
}

int simulated_unix::send(int descriptor, const std::string& to, const std::string& bytes,
                         passed_descriptors& passed) noexcept {
  const std::string& name = to.empty() ? named(descriptor).peer : to;
  if (name.empty()) return -ENOTCONN;
  const int receiver = owner(name);
  if (!is_open(receiver)) return -ECONNREFUSED;
  std::deque<letter>& into = named(receiver).arrived;
  if (into.size() == most) return -EAGAIN;
  by_.note("letter sent", receiver - first, static_cast<std::int64_t>(bytes.size()));
  into.push_back({name_of(descriptor), bytes, std::move(passed)});
  return static_cast<int>(bytes.size());
}

simulated_unix::letter* simulated_unix::oldest(int descriptor) noexcept {
  socket& of = named(descriptor);
  return of.arrived.empty() ? nullptr : &of.arrived.front();
}

void simulated_unix::received(int descriptor) noexcept { named(descriptor).arrived.pop_front(); }

// Whoever waits for room in it goes on, and finds nobody.
int simulated_unix::close(int descriptor) noexcept {
  by_.note("closed", descriptor - first);
  named(descriptor) = {};
  sockets_[static_cast<std::size_t>(descriptor - first)].open = false;
  forget(descriptor);
  tell_all();
  return 0;
}

void simulated_unix::tell_all() {
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    if (sockets_[i].open) changed(first + static_cast<int>(i));
  }
}

}  // namespace simulation
