// SPDX-License-Identifier: MIT
// How a row is written down, and the check that what is measured releases all it was given.

#include "reclaim_rows.hpp"

#include <malloc.h>

#include <cstdio>
#include <cstdlib>

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
    if (one.ratios.empty() || begins_with(one.name, floor_contender().name)) continue;
    std::printf("%s\"%s\":{\"value\":%.3f,\"ratio\":%.3f}", comma, one.name, median_of(one.values),
                median_of(one.ratios));
    comma = ",";
  }
  std::printf("}");
}

// Bytes that malloc has given out, but for what its threads keep for themselves.
std::size_t bytes_in_use() { return mallinfo2().uordblks; }

[[noreturn]] void fail(const contender& library, const char* shape, std::size_t left) {
  std::fprintf(stderr,
               "reclaim: %s left %zu objects of %s unreleased: its figures would compare nothing; "
               "mend its loop\n",
               library.name, left, shape);
  std::exit(1);
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

void check_that_all_is_released(const contender& library) {
  constexpr std::size_t operations = 4 * objects_per_synchronize;
  library.retire_release_pool(operations);
  if (const std::size_t left = object_pool::outside(); left != 0) {
    fail(library, "retire_release_pool", left);
  }
  library.retire_free_malloc(operations);  // what is allocated once is now there
  const std::size_t before = bytes_in_use();
  library.retire_free_malloc(operations);
  // A few may wait in malloc's own caches, which it counts as given out.
  const std::size_t after = bytes_in_use();
  const std::size_t left = after > before ? (after - before) / sizeof(object) : 0;
  if (left > operations / 100) fail(library, "retire_free_malloc", left);
}

}  // namespace lull::bench
