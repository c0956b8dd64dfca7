// SPDX-License-Identifier: MIT
#include "simulated_pipes.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace simulation {

bool simulated_pipes::is_open(int descriptor) const noexcept {
  const auto index = static_cast<std::size_t>(descriptor - first);
  return is_end(descriptor) && index < ends_.size() && ends_[index].content != nullptr;
}

std::size_t simulated_pipes::open() const noexcept {
  return static_cast<std::size_t>(std::count_if(
      ends_.begin(), ends_.end(), [](const end& one) { return one.content != nullptr; }));
}

const simulated_pipes::end& simulated_pipes::named(int descriptor) const noexcept {
  if (!is_open(descriptor)) by_.fail("an end of a pipe is used that is not open");
  return ends_[static_cast<std::size_t>(descriptor - first)];
}

bool simulated_pipes::has_other(int descriptor, bool writer) const noexcept {
  const end& mine = named(descriptor);
  return std::any_of(ends_.begin(), ends_.end(), [&](const end& one) {
    return one.content == mine.content && one.writes == writer;
  });
}

int simulated_pipes::add(end one) {
  const auto unused =
      std::find_if(ends_.begin(), ends_.end(), [](const end& o) { return o.content == nullptr; });
  const auto index = static_cast<int>(unused - ends_.begin());
  if (unused == ends_.end()) {
    ends_.push_back(std::move(one));
  } else {
    *unused = std::move(one);
  }
  return first + index;
}

simulated_pipes::ends simulated_pipes::make() {
  const auto content = std::make_shared<std::string>();
  const int reader = add({content, false});
  return {reader, add({content, true})};
}

int simulated_pipes::read(int reader, void* into, std::size_t bytes) noexcept {
  std::string& from = *named(reader).content;
  if (from.empty() && bytes != 0) return has_writer(reader) ? -EAGAIN : 0;
  const std::size_t now = std::min(bytes, from.size());
  std::memcpy(into, from.data(), now);
  from.erase(0, now);
  return static_cast<int>(now);
}

int simulated_pipes::write(int writer, const void* from, std::size_t bytes) noexcept {
  std::string& to = *named(writer).content;
  if (!has_reader(writer)) return -EPIPE;
  const std::size_t now = std::min(bytes, most - to.size());
  if (now == 0 && bytes != 0) return -EAGAIN;
  to.append(static_cast<const char*>(from), now);
  return static_cast<int>(now);
}

void simulated_pipes::tell(int descriptor) noexcept {
  const auto content = named(descriptor).content;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    if (ends_[i].content == content) changed(first + static_cast<int>(i));
  }
}

unsigned simulated_pipes::readiness(int descriptor) noexcept {
  const end& one = named(descriptor);
  if (one.writes) {
    return (room(descriptor) != 0 ? unsigned{POLLOUT} : 0U) |
           (has_reader(descriptor) ? 0U : unsigned{POLLERR});
  }
  return (one.content->empty() ? 0U : unsigned{POLLIN}) |
         (has_writer(descriptor) ? 0U : unsigned{POLLHUP});
}

int simulated_pipes::close(int descriptor) noexcept {
  const auto content = named(descriptor).content;
  ends_[static_cast<std::size_t>(descriptor - first)] = {};
  by_.note("closed", descriptor - first);
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    if (ends_[i].content == content) changed(first + static_cast<int>(i));
  }
  return 0;
}

}  // namespace simulation
