// SPDX-License-Identifier: MIT
#include "get_batch.hpp"

#include <span>

#include "reply.hpp"

namespace kv {
namespace {

constexpr std::size_t frame_most = 32;  // what a reply has around its value

void prefetch(std::string_view value) noexcept {
  __builtin_prefetch(value.data());
  if (!value.empty()) __builtin_prefetch(value.data() + value.size() - 1);
}

}  // namespace

const char* get_batch::answer(core_state& here, byte_buffer& output, std::size_t enough) {
  const std::span<get> gets{gets_.data(), count_};
  for (const get& each : gets) each.owner->prefetch_entry(each.key.hash);
  std::size_t needed = 0;
  std::size_t hits = 0;
  std::size_t answered = 0;
  for (get& each : gets) {
    if (needed >= enough) break;
    each.found = each.owner->find(each.key, here.now_ms);
    needed += frame_most;
    ++answered;
    if (each.found == nullptr) continue;
    const std::string_view value = each.found->value();
    prefetch(value);
    needed += value.size();
    ++hits;
  }
  const bool all = answered == count_;
  count_ = 0;
  output.reserve_more(needed);
  reply to{output};
  for (const get& each : gets.first(answered)) {
    each.found == nullptr ? to.null() : to.bulk(each.found->value());
  }
  here.counters.commands.add(answered);
  here.counters.hits.add(hits);
  here.counters.misses.add(answered - hits);
  return all ? nullptr : gets[answered - 1].behind;
}

}  // namespace kv
