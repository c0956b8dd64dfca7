// SPDX-License-Identifier: MIT
#include "domain.hpp"

#include <atomic>

#include "../base/assert.hpp"
#include "limbo.hpp"

namespace lull {
namespace {

std::uint32_t next_number() noexcept {
  static std::atomic<std::uint32_t> made{0};
  return made.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

domain::domain(const domain_options& options)
    : charges_(options.budget), options_(options), number_(next_number()) {
  LULL_ASSERT(options.budget.hard == 0 || options.budget.hard >= options.budget.soft,
              "a domain is asked for a hard budget of %zu bytes below its soft one of %zu: writers "
              "would wait before anything is pushed. Give at least the soft one, or 0 for none",
              options.budget.hard, options.budget.soft);
}

domain::~domain() {
  const std::size_t left = epochs_.slots().owned();
  LULL_ASSERT(left == 0,
              "a domain is destroyed while %zu of its participants are still joined: destroy each "
              "participant on its own thread before the domain",
              left);
  // The last participant to leave finds nobody to leave its limbo to, and releases all of it.
  LULL_ASSERT(orphans_.empty(), "a domain is destroyed with %zu limbos that nobody adopted",
              orphans_.size());
}

domain_statistics domain::statistics() const noexcept {
  domain_statistics now;
  now.complete = epochs_.completed();
  now.epoch = epochs_.epoch();
  now.orphans = orphans_.size();
  now.retired = departed_retired_.load(detail::relaxed);
  now.released = departed_released_.load(detail::relaxed);
  now.charged_bytes = charges_.charged();
  now.stall_reports = stall_reports_.load(detail::relaxed);
  epochs_.slots().for_each([&](const detail::slot& one) {
    ++now.slots;
    now.participants += one.owned.load(detail::relaxed) ? 1 : 0;
    now.retired += one.shown.retired.get();
    now.released += one.shown.released.get();
    now.limbo_objects += one.shown.limbo_objects();
    now.limbo_bytes += one.shown.limbo_bytes.get();
    now.held_objects += one.shown.held_objects.get();
    now.held_bytes += one.shown.held_bytes.get();
  });
  return now;
}

// The counters of a slot begin anew with its next owner.
void domain::count_departed(detail::shown_state& shown) noexcept {
  departed_retired_.fetch_add(shown.retired.get(), detail::relaxed);
  departed_released_.fetch_add(shown.released.get(), detail::relaxed);
  shown.clear();
}

}  // namespace lull
