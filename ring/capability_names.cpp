// SPDX-License-Identifier: MIT
#include "capabilities.hpp"

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lull {
namespace {

struct capability_name {
  bool capabilities::* member;
  unsigned since_major, since_minor;
  const char* name;
  const char* otherwise;
};

constexpr capability_name names[] = {
    {&capabilities::deferred_task_work, 6, 1, "deferred task work", "cooperative task work"},
    {&capabilities::no_submission_array, 6, 6, "no submission array", "an identity array"},
    {&capabilities::registered_ring, 5, 18, "registered ring", "the plain descriptor"},
    {&capabilities::multishot_accept, 5, 19, "multishot accept", "one submission a connection"},
    {&capabilities::buffer_ring, 5, 19, "buffer ring", "blocks of the heap"},
    {&capabilities::multishot_receive, 6, 0, "multishot receive", "one submission a receive"},
    {&capabilities::multishot_message, 6, 0, "multishot message", "one submission a datagram"},
    {&capabilities::incremental_buffers, 6, 12, "incremental buffers", "a buffer a receive"},
    {&capabilities::ring_message, 5, 18, "ring message", "an event descriptor"},
    {&capabilities::zero_copy_send, 6, 1, "zero-copy send", "sends that copy"},
    {&capabilities::registered_buffers, 5, 19, "registered buffers", "ordinary reads and writes"},
    {&capabilities::truncate, 6, 9, "truncate", "a thread of the offload pool"},
    {&capabilities::wait_for_child, 6, 7, "wait for a child", "a poll of its pidfd"},
    {&capabilities::futex, 6, 7, "futex", "nothing: futex_wait fails"},
};

// Both numbers of "6.1", and nothing else.
bool read_version(std::string_view text, unsigned& major, unsigned& minor) noexcept {
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, major);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '.') return false;
  const auto second = std::from_chars(first.ptr + 1, end, minor);
  return second.ec == std::errc() && second.ptr == end;
}

}  // namespace

capabilities operator&(const capabilities& a, const capabilities& b) noexcept {
  capabilities both;
  for (const auto& entry : names) both.*entry.member = a.*entry.member && b.*entry.member;
  return both;
}

capabilities capabilities::of_linux(unsigned major, unsigned minor) noexcept {
  capabilities has;
  for (const auto& entry : names) {
    has.*entry.member =
        major > entry.since_major || (major == entry.since_major && minor >= entry.since_minor);
  }
  return has;
}

capabilities capabilities::of_environment() {
  const char* const asked = ::secure_getenv("LULL_AS_LINUX");
  if (asked == nullptr || *asked == 0) return {};
  unsigned major = 0;
  unsigned minor = 0;
  if (!read_version(asked, major, minor)) {
    throw std::invalid_argument(
        "the environment variable LULL_AS_LINUX is \"" + std::string(asked) +
        "\", which is no version of Linux; set it to one like 6.1, of which "
        "lull is to take the ways, or unset it");
  }
  if (major < 6 || (major == 6 && minor < 1)) {
    throw std::invalid_argument("the environment variable LULL_AS_LINUX is \"" +
                                std::string(asked) +
                                "\", and lull runs on Linux 6.1 and later; set it to one of those");
  }
  return of_linux(major, minor);
}

std::string capabilities::describe() const {
  std::string text;
  for (const auto& entry : names) {
    text += entry.name;
    text += this->*entry.member ? ": yes\n"
                                : std::string(": no, used instead: ") + entry.otherwise + "\n";
  }
  return text;
}

}  // namespace lull
