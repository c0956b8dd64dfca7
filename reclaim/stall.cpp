// SPDX-License-Identifier: MIT
#include "stall.hpp"

#include <algorithm>
#include <cstdio>

#include "participant.hpp"

namespace lull {
namespace {

double milliseconds(nanoseconds time) noexcept {
  return std::chrono::duration<double, std::milli>(time).count();
}

// Keeps the participants with the most bytes, the most first.
void count_share(stall_report& report, std::uint32_t participant, std::size_t bytes) noexcept {
  stall_report::share one{participant, bytes};
  for (stall_report::share& other : report.where) {
    if (one.bytes > other.bytes) std::swap(one, other);
  }
}

}  // namespace

// `in_the_way` keeps this participant from moving the epoch on.
void participant::watch_stall(detail::slot& in_the_way) noexcept {
  const time_point now = clock_.now();
  const detail::epoch_number at = in_the_way.announced.load(detail::relaxed);
  if (blocked_by_ != &in_the_way || blocked_at_ != at) {
    blocked_by_ = &in_the_way;
    blocked_at_ = at;
    blocked_since_ = now;
    slot_->shown.waiting_since.set(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    return;
  }
  const nanoseconds lasted = now - blocked_since_;
  const stall_watch& watch = domain_.options_.stalls;
  if (lasted < watch.threshold) return;
  const std::int64_t time = now.time_since_epoch().count();
  std::int64_t last = in_the_way.reported.load(detail::relaxed);
  if (last != 0 && time - last < watch.interval.count()) return;
  // Of several who notice at once, one reports.
  if (!in_the_way.reported.compare_exchange_strong(last, time, detail::relaxed, detail::relaxed)) {
    return;
  }
  report_stall(in_the_way, lasted);
}

void participant::report_stall(detail::slot& in_the_way, nanoseconds lasted) noexcept {
  const detail::shown_state& shown = in_the_way.shown;
  stall_report report;
  report.participant = shown.label.load(detail::relaxed);
  report.epoch = blocked_at_;
  report.lasted = lasted;
  report.pins = shown.pins.get();
  if (report.pins != 0) {
    report.pinned_at = shown.pinned_at.load(detail::relaxed);
    report.pinned = clock_.now().time_since_epoch() - nanoseconds(shown.pinned_since.get());
  }
  report.reporter = slot_->shown.label.load(detail::relaxed);
  epochs_.slots().for_each([&](const detail::slot& one) {
    const std::size_t bytes = one.shown.limbo_bytes.get();
    report.bytes += bytes;
    report.objects += one.shown.limbo_objects();
    count_share(report, one.shown.label.load(detail::relaxed), bytes);
  });
  const stall_watch& watch = domain_.options_.stalls;
  if (watch.describe != nullptr) watch.describe(watch.describe_context, report);
  domain_.stall_reports_.fetch_add(1, detail::relaxed);
  if (watch.report != nullptr) {
    watch.report(watch.report_context, report);
  } else {
    print_stall(report);
  }
}

void print_stall(const stall_report& what) noexcept {
  char why[512] = "it has not passed a quiescent state";
  int used = 0;
  if (what.pins != 0) {
    used = std::snprintf(why, sizeof why, "a pin taken at %s:%u is there for %.0f ms (%zu pins)",
                         what.pinned_at.file_name(), static_cast<unsigned>(what.pinned_at.line()),
                         milliseconds(what.pinned), what.pins);
  }
  if (what.pins == 0 && what.task == nullptr && what.running != nanoseconds::zero()) {
    std::snprintf(why, sizeof why, "its present iteration has taken %.0f ms",
                  milliseconds(what.running));
  }
  if (what.task != nullptr && used >= 0 && static_cast<std::size_t>(used) < sizeof why) {
    std::snprintf(why + used, sizeof why - static_cast<std::size_t>(used),
                  "%stask %s (%s:%u) has run for %.0f ms", used == 0 ? "" : "; ", what.task,
                  what.file == nullptr ? "?" : what.file, static_cast<unsigned>(what.line),
                  milliseconds(what.running));
  }
  std::fprintf(stderr,
               "lull: participant %u holds up epoch %llu for %.0f ms: %s. %zu objects, %zu bytes "
               "wait, most with participant %u\n",
               what.participant, static_cast<unsigned long long>(what.epoch),
               milliseconds(what.lasted), why, what.objects, what.bytes, what.where[0].participant);
}

}  // namespace lull
