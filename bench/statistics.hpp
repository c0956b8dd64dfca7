// SPDX-License-Identifier: MIT
#pragma once
// Median and quartiles of a handful of samples, for the benchmark programs. A benchmark reports the
// median, because a machine that is busy for a moment spoils the mean of everything it touched.
// Copies and sorts the samples; not for the part that is timed.

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lull::bench {

struct spread {
  double low = 0;  // first quartile
  double median = 0;
  double high = 0;  // third quartile
};

// The sample at `fraction` of the way through the sorted samples, between two of them by weight.
inline double quantile(const std::vector<double>& sorted, double fraction) {
  if (sorted.empty()) return 0;
  const double place = fraction * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double weight = place - static_cast<double>(below);
  return sorted[below] * (1 - weight) + sorted[above] * weight;
}

inline spread spread_of(std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  return {quantile(samples, 0.25), quantile(samples, 0.5), quantile(samples, 0.75)};
}

}  // namespace lull::bench
