// SPDX-License-Identifier: MIT
// How a row is written down.

#include "finding.hpp"

#include <cstdio>
#include <string>

#include "statistics.hpp"

namespace lull::bench {
namespace {

double median_of(const std::vector<double>& samples) { return spread_of(samples).median; }

bool begins_with(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

// The one with the lowest median, or the one that the row asks for.
const competitor* reference_of(const finding& row) {
  const competitor* found = nullptr;
  for (const competitor& one : row.peers) {
    if (one.ratios.empty()) continue;
    if (row.reference != nullptr) {
      if (begins_with(one.name, row.reference)) return &one;
    } else if (found == nullptr || median_of(one.values) < median_of(found->values)) {
      found = &one;
    }
  }
  return found;
}

void print_peers(const finding& row) {
  std::printf(",\"peers\":{");
  const char* comma = "";
  for (const competitor& one : row.peers) {
    if (one.ratios.empty() || !one.listed) continue;
    std::printf("%s\"%s\":{\"value\":%.3f,\"ratio\":%.3f}", comma, one.name, median_of(one.values),
                median_of(one.ratios));
    comma = ",";
  }
  std::printf("}");
}

}  // namespace

void print(const finding& row) {
  static const char* comma = "";
  const spread own = spread_of(row.own);
  std::printf("%s{\"name\":\"%s\",\"value\":%.3f,\"low\":%.3f,\"high\":%.3f,\"unit\":\"%s\",",
              comma, row.name, own.median, own.low, own.high, row.unit);
  comma = ",\n";
  if (const competitor* reference = reference_of(row)) {
    const spread ratio = spread_of(reference->ratios);
    std::printf(
        "\"reference\":\"%s\",\"reference_value\":%.3f,"
        "\"ratio\":%.3f,\"ratio_low\":%.3f,\"ratio_high\":%.3f",
        reference->name, median_of(reference->values), ratio.median, ratio.low, ratio.high);
  } else {
    std::printf("\"reference\":null,\"ratio\":null");
  }
  print_peers(row);
  if (!row.floor.empty()) std::printf(",\"floor\":%.3f", median_of(row.floor));
  if (!row.iterations.empty()) std::printf(",\"iterations\":%.0f", median_of(row.iterations));
  std::printf("}");
  std::fflush(stdout);
}

}  // namespace lull::bench
