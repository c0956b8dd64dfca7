// SPDX-License-Identifier: MIT
#include "stall.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>

#include "../base/code_place.hpp"
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

// Gathered, and written at once, so that it stays whole when others write too.
class text_of_report {
 public:
  [[gnu::format(printf, 2, 3)]] void add(const char* format, ...) noexcept {
    std::va_list arguments;
    va_start(arguments, format);
    const int length =
        std::vsnprintf(text_.data() + used_, text_.size() - used_, format, arguments);
    va_end(arguments);
    if (length > 0) used_ = std::min(text_.size() - 1, used_ + static_cast<std::size_t>(length));
  }
  void write() noexcept {
    if (used_ == text_.size() - 1) text_[used_ - 1] = '\n';
    std::fputs(text_.data(), stderr);
  }

 private:
  std::array<char, 2048> text_{};
  std::size_t used_ = 0;
};

}  // namespace

// `in_the_way` keeps this participant from moving the epoch on.
void participant::watch_stall(detail::slot& in_the_way) noexcept {
  const time_point now = clock_.now();
  const detail::epoch_number at = in_the_way.announced.load(detail::relaxed);
  if (blocked_by_ != &in_the_way || blocked_at_ != at) {
    blocked_by_ = &in_the_way;
    blocked_at_ = at;
    blocked_since_ = now;
    slot_->shown.waiting_since.set(now);
    return;
  }
  const nanoseconds lasted = now - blocked_since_;
  if (lasted >= domain_.options_.stalls.threshold) {
    domain_.report_stall(in_the_way, lasted, slot_, now);
  }
}

void domain::report_stall(void* place, nanoseconds lasted) noexcept {
  report_stall(*static_cast<detail::slot*>(place), lasted, nullptr, time_source{}.now());
}

void domain::report_stall(detail::slot& in_the_way, nanoseconds lasted,
                          const detail::slot* reporter, time_point now) noexcept {
  const stall_watch& watch = options_.stalls;
  const std::int64_t time = now.time_since_epoch().count();
  std::int64_t last = in_the_way.reported.load(detail::relaxed);
  if (last != 0 && time - last < watch.interval.count()) return;
  // Of several who notice at once, one reports.
  if (!in_the_way.reported.compare_exchange_strong(last, time, detail::relaxed, detail::relaxed)) {
    return;
  }
  const detail::shown_state& shown = in_the_way.shown;
  stall_report report;
  report.participant = shown.label.load(detail::relaxed);
  report.place = &in_the_way;
  report.epoch = in_the_way.announced.load(detail::relaxed);
  report.lasted = lasted;
  report.pins = shown.pins.get();
  if (report.pins != 0) {
    report.pinned_at = shown.pinned_at.load(detail::relaxed);
    report.pinned = now.time_since_epoch() - nanoseconds(shown.pinned_since.get());
  }
  report.reporter =
      (reporter == nullptr ? in_the_way : *reporter).shown.label.load(detail::relaxed);
  epochs_.slots().for_each([&](const detail::slot& one) {
    const std::size_t bytes = one.shown.limbo_bytes.get();
    report.bytes += bytes;
    report.objects += one.shown.limbo_objects();
    count_share(report, one.shown.label.load(detail::relaxed), bytes);
  });
  if (watch.describe != nullptr) watch.describe(watch.describe_context, report);
  stall_reports_.fetch_add(1, detail::relaxed);
  if (watch.report != nullptr) {
    watch.report(watch.report_context, report);
  } else {
    print_stall(report);
  }
}

void print_stall(const stall_report& what) noexcept {
  text_of_report text;
  if (what.epoch != 0) {
    text.add("lull: %s %u holds up epoch %llu for %.0f ms: ", what.noun, what.participant,
             static_cast<unsigned long long>(what.epoch), milliseconds(what.lasted));
  } else {
    text.add("lull: %s %u stands still for %.0f ms: ", what.noun, what.participant,
             milliseconds(what.lasted));
  }
  const bool runs_task = what.task[0] != 0;
  if (what.pins != 0) {
    text.add("a pin taken at %s:%u is there for %.0f ms (%zu pins)%s", what.pinned_at.file_name(),
             static_cast<unsigned>(what.pinned_at.line()), milliseconds(what.pinned), what.pins,
             runs_task || what.asleep_in_thread != 0 ? "; " : "");
  }
  if (runs_task) {
    text.add("task %.*s has run for %.0f ms, since its co_await at %s:%u",
             static_cast<int>(what.task.size()), what.task.data(), milliseconds(what.running),
             what.task_at.file_name(), static_cast<unsigned>(what.task_at.line()));
  } else if (what.lacks_processor) {
    text.add("its thread waits for a processor: other threads or machines have it");
  } else if (what.asleep_in_thread != 0) {
    text.add("the kernel does not let it return from its sleep (/proc/%d/stack says where it is)",
             what.asleep_in_thread);
  } else if (what.pins == 0 && what.running != nanoseconds::zero()) {
    text.add("its iteration has taken %.0f ms", milliseconds(what.running));
  } else if (what.pins == 0) {
    text.add("it has not passed a quiescent state");
  }
  if (what.objects == 0) {
    text.add(". No object waits to be released\n");
  } else {
    text.add(". %zu objects, %zu bytes wait, most with participant %u\n", what.objects, what.bytes,
             what.where[0].participant);
  }
  if (what.calls[0] != nullptr) {
    text.add("lull: %s %u was in", what.noun, what.participant);
    for (const void* const call : what.calls) {
      if (call == nullptr) break;
      const detail::code_place at(call);
      text.add(" %s+0x%llx", at.program, static_cast<unsigned long long>(at.offset));
    }
    text.add(" (addr2line names the lines)\n");
  }
  text.write();
}

}  // namespace lull
