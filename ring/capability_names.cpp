// SPDX-License-Identifier: MIT
// What the capabilities are called.
#include "capabilities.hpp"

namespace lull {
namespace {

struct capability_name {
  bool capabilities::* member;
  const char* name;
  const char* otherwise;
};

constexpr capability_name names[] = {
    {&capabilities::deferred_task_work, "deferred task work", "cooperative task work"},
    {&capabilities::no_submission_array, "no submission array", "an identity array"},
    {&capabilities::registered_ring, "registered ring", "the plain descriptor"},
    {&capabilities::multishot_accept, "multishot accept", "one submission a connection"},
    {&capabilities::buffer_ring, "buffer ring", "nothing: lull needs it"},
    {&capabilities::multishot_receive, "multishot receive", "one submission a receive"},
    {&capabilities::multishot_message, "multishot message", "one submission a datagram"},
    {&capabilities::incremental_buffers, "incremental buffers", "many small buffers"},
    {&capabilities::ring_message, "ring message", "an event descriptor"},
    {&capabilities::cancel_descriptor, "cancel by descriptor", "cancel by operation"},
    {&capabilities::zero_copy_send, "zero-copy send", "sends that copy"},
    {&capabilities::registered_buffers, "registered buffers", "ordinary reads and writes"},
    {&capabilities::truncate, "truncate", "a thread of the offload pool"},
    {&capabilities::wait_for_child, "wait for a child", "a poll of its pidfd"},
    {&capabilities::futex, "futex", "nothing: futex_wait fails"},
};

}  // namespace

capabilities operator&(const capabilities& a, const capabilities& b) noexcept {
  capabilities both;
  for (const auto& entry : names) both.*entry.member = a.*entry.member && b.*entry.member;
  return both;
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
