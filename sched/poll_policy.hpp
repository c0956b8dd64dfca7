// SPDX-License-Identifier: MIT
#pragma once

// Whether an idle core should look at memory for a few microseconds before it sleeps, and for how
// many. Polling that finds something saves a sleep and a wake-up; polling that does not is wasted
// time. The policy keeps a moving share of the polls that paid: it begins where that is a half,
// goes on until it is below a quarter, and makes a try now and then. A sleep costs twice of what a
// poll takes (`./dev bench sched`, row sleep_cpu), so it is in between that as much is saved as is
// wasted. Begun and ended at a half it would poll where four of five pay: by chance a few in a row
// are in vain, and the next try is far.
//
// A try is patient: it lasts as long as the other side takes to wake up. Otherwise two cores that
// call each other and have both stopped could never begin again, as each finds the other asleep.
// While patience pays it goes on, for a while: then the other's try finds this core awake, and from
// there on both poll briefly. Core-local; a few integer operations a decision.

#include <cstdint>

namespace lull::detail {

class poll_policy {
 public:
  enum class came { never, late, soon };  // soon: within the usual window

  // For this idle moment: so many usual windows, 0 for none. What comes of it is to be recorded.
  unsigned windows() noexcept {
    if (polls_) return 1;
    if (patient_ != 0) return patience;
    return ++idle_ % tries_one_in == 0 && idle_ >= rest_ ? patience : 0;
  }

  // The sleep after it ended because it was time: no poll would have paid, and the moment does not
  // count. A core that only timers wake makes no tries.
  void slept_until_time() noexcept {
    if (idle_ % tries_one_in != 0) --idle_;
  }

  void record(came what) noexcept {
    share_ = what == came::soon ? share_ + (whole - share_) / weight : share_ - share_ / weight;
    polls_ = share_ >= (polls_ ? whole / 4 : whole / 2);
    switch (what) {
      case came::never:
        patient_ = 0;
        return;
      case came::soon:
        patient_ = 1;
        return;
      case came::late:
        if (++patient_ <= most_patient) return;
        // The other side does not poll: nothing is won.
        patient_ = 0;
        rest_ = idle_ + rest_after_patience;
    }
  }

 private:
  static constexpr std::int32_t whole = 1 << 16;
  static constexpr std::int32_t weight = 8;
  static constexpr std::uint32_t tries_one_in = 32;
  static constexpr unsigned patience = 5;
  static constexpr unsigned most_patient = 48;  // in a row
  static constexpr std::uint64_t rest_after_patience = 1024;

  std::int32_t share_ = whole / 2;
  bool polls_ = true;
  unsigned patient_ = 0;    // polls in a row that paid, late
  std::uint64_t idle_ = 0;  // moments without a poll that somebody ended
  std::uint64_t rest_ = 0;  // until so many no try is made
};

}  // namespace lull::detail
