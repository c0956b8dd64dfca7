// SPDX-License-Identifier: MIT
#pragma once

// A domain with budgets, and two in it; both in one thread.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <lull/reclaim/retire.hpp>

#include "helpers.hpp"

namespace test {

inline constexpr std::size_t kib = 1024;

inline lull::domain_options bounded(std::size_t soft, std::size_t hard) {
  lull::domain_options options;
  options.budget = {soft, hard};
  return options;
}

using page = std::array<std::byte, kib>;

// A writer under budgets, and a reader that does as it is told.
struct on_a_budget {
  lull::domain domain{bounded(16 * kib, 64 * kib)};
  lull::participant writer{domain};
  std::optional<lull::participant> reader{std::in_place, domain};

  void retire_pages(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) writer.retire(new page);
  }
  std::size_t limbo_bytes() const { return domain.statistics().limbo_bytes; }
  std::int64_t charged() const { return domain.statistics().charged_bytes; }
  // Everything is released, and nothing kept in hand.
  void settle() {
    for (int i = 0; i < 3; ++i) {
      for (int calls = 0; calls < 1000 && !writer.drive(); ++calls) reader->quiescent();
      if (!writer.offline()) continue;
      writer.online();
    }
    for (int calls = 0; calls < 1000 && !reader->drive(); ++calls) {}
    if (reader->offline()) reader->online();
  }
};

}  // namespace test
