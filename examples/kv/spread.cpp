// SPDX-License-Identifier: MIT
#include "spread.hpp"

#include <algorithm>
#include <new>

#include "session.hpp"

namespace kv {

spread::spread(spread_kind kind, const arguments& words, core_state& here)
    : kind_(kind), words_(words), parts_(here.keys.cores()) {
  if (kind != spread_kind::remove_keys && kind != spread_kind::set_keys) return;
  const std::uint32_t step = kind == spread_kind::set_keys ? 2 : 1;
  for (std::uint32_t at = 1; at < words.size(); at += step) {
    parts_[here.keys.owner_of(here.keys.hash(words[at]))].keys.push_back(at);
  }
}

bool spread::concerns(unsigned core) const noexcept {
  return kind_ == spread_kind::remove_all || kind_ == spread_kind::list_clients ||
         !parts_[core].keys.empty();
}

void spread::execute(core_state& there) {
  part& mine = parts_[there.index];
  try {
    execute_part(there, mine);
  } catch (const std::bad_alloc&) {
    mine.out_of_memory = true;
  }
}

void spread::execute_part(core_state& there, part& mine) {
  switch (kind_) {
    case spread_kind::remove_keys:
      for (const std::uint32_t at : mine.keys) {
        const hashed_key key{words_[at], there.keys.hash(words_[at])};
        mine.count += there.own().remove(key, there.now_ms) ? 1 : 0;
      }
      return;
    case spread_kind::set_keys:
      for (const std::uint32_t at : mine.keys) {
        const hashed_key key{words_[at], there.keys.hash(words_[at])};
        there.own().put(key, bytes{words_[at + 1]}, never);
      }
      return;
    case spread_kind::remove_all:
      return there.own().clear();
    case spread_kind::list_clients:
      for (const session* const each : there.sessions) mine.text.append(each->description());
      return;
  }
}

void spread::finish(byte_buffer& output) const {
  reply out{output};
  const bool short_of_memory = std::any_of(parts_.begin(), parts_.end(),
                                           [](const part& each) { return each.out_of_memory; });
  if (short_of_memory) return out.error(out_of_memory);
  switch (kind_) {
    case spread_kind::set_keys:
    case spread_kind::remove_all:
      return out.ok();
    case spread_kind::remove_keys: {
      std::int64_t removed = 0;
      for (const part& each : parts_) removed += each.count;
      return out.integer(removed);
    }
    case spread_kind::list_clients: {
      byte_buffer all;
      for (const part& each : parts_) all.append(each.text.view());
      return out.bulk(all.view());
    }
  }
}

}  // namespace kv
