// SPDX-License-Identifier: MIT
// Many participants, driven by hand in one thread, an iteration of each in turn: whether what one
// of them pays grows with how many there are. Time would say little, for all their memory is in one
// cache; the instructions are counted by a tool around this.

#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>

#include <cstdio>
#include <memory>

#include "reclaim_rows.hpp"

namespace lull::bench {
namespace {

struct to_pool {
  void operator()(object* one) const noexcept { object_pool::give(one); }
};

using crowd = std::vector<std::unique_ptr<participant>>;

// One loop for all, so that what the loop costs does not depend on how many there are.
void iterate(const crowd& all, std::size_t rounds, bool retiring) {
  std::size_t next = 0;
  for (std::size_t left = rounds * all.size(); left != 0; --left) {
    participant& one = *all[next];
    if (retiring) one.retire(std::unique_ptr<object, to_pool>(object_pool::take()));
    one.quiescent();
    if (++next == all.size()) next = 0;
  }
}

bool drive_lull(const std::string& shape, std::size_t count, std::size_t rounds) {
  if (shape != "busy" && shape != "idle") return false;
  domain shared;
  crowd all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(std::make_unique<participant>(shared));
    all.back()->use_clock(standing_clock());
  }
  iterate(all, 1, true);  // from here on memory is there
  for (const auto& one : all) {
    while (one->has_limbo()) iterate(all, 1, false);
  }
  const std::uint64_t before = shared.statistics().epoch;
  iterate(all, rounds, shape == "busy");
  const std::uint64_t epochs = shared.statistics().epoch - before;
  std::printf("{\"epochs\":%llu}\n", static_cast<unsigned long long>(epochs));
  return true;
}

}  // namespace

time_source standing_clock() {
  const auto read = [](const void*) noexcept {
    keep(
        reinterpret_cast<const void*>(std::chrono::steady_clock::now().time_since_epoch().count()));
    return time_point(std::chrono::hours(1));
  };
  return {read, nullptr};
}

bool drive_participants(const std::string& library, const std::string& shape, std::size_t count,
                        std::size_t rounds) {
  if (library == "lull") return drive_lull(shape, count, rounds);
  if (library == "ck" && shape == "busy") return drive_ck_records(count, rounds);
  return false;
}

}  // namespace lull::bench
