// SPDX-License-Identifier: MIT
#pragma once
// A row of a benchmark: what was measured of lull and of each peer, in rounds, and how it is
// written down. A peer's samples stand beside the ratios of lull to it, each taken inside one
// round.

#include <vector>

namespace lull::bench {

struct competitor {
  const char* name;
  bool listed = true;  // among the peers of the row, not only as its reference
  std::vector<double> values{};
  std::vector<double> ratios{};  // lull's value to this one's, round by round
};

struct finding {
  const char* name;
  const char* unit = "ns";
  std::vector<double> own{};
  std::vector<competitor> peers{};
  std::vector<double> floor{};
  std::vector<double> iterations{};  // that were measured for a value
  const char* reference = nullptr;   // how the peer's name begins; null: the best one of the run
};

// Writes the row as a JSON object, after a comma when there was one before.
void print(const finding& row);

}  // namespace lull::bench
