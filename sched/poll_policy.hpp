// SPDX-License-Identifier: MIT
#pragma once

// Whether an idle core should look at memory for a few microseconds before it sleeps, and for how
// many. Polling that finds something saves a sleep, and where another core would have had to wake
// this one, that as well; polling that does not is wasted time. The policy keeps a moving share of
// the polls that paid, and goes by who ends the idle moments:
//
// - Other cores, or threads that post: it begins where half of the polls would pay, and goes on
//   until three of four do not. A timed sleep costs twice of what a poll takes (row sleep_cpu of
//   `./dev bench sched`), and who wakes another core pays as much again. Begun and ended at a half
//   it would poll where four of five pay: by chance a few in a row are in vain, and the next try is
//   far.
// - The kernel: from three quarters to a half. Nobody of ours pays for the wake-up, what comes
//   meanwhile comes together, and a core that sleeps for some 20 us sleeps lightly. Row
//   echo_by_chance of `./dev bench io` took 1.06 times what the server written by hand does; with
//   the shares and tries of other cores, beside it, 1.20, for a round trip a twentieth shorter
//   (median of three runs in November 2026).
// - Both: in between, by their shares.
//
// Where it does not poll it makes a try now and then, of 32 sleeps that cores end, or 1,024 that
// the kernel ends. A try is patient: it lasts as long as the other side takes to wake up. Otherwise
// two cores that call each other and have both stopped could never begin again, as each finds the
// other asleep. While patience pays it goes on, for a while: then the other's try finds this core
// awake, and from there on both poll briefly. A peer that never sleeps is found sooner, by a brief
// try of 128 sleeps that the kernel ends. Core-local; a few integer operations a decision.

#include <cstdint>

namespace lull::detail {

class poll_policy {
 public:
  enum class came { never, late, soon };  // soon: within the usual window
  enum class source { kernel, core };     // of what ends an idle moment

  // For this idle moment: so many usual windows, 0 for none. What comes of it is to be recorded.
  unsigned windows() const noexcept {
    if (polls_) return 1;
    if (patient_ != 0 || sleeps_ >= next_try_) return patience;
    return tries_briefly_ ? 1 : 0;
  }

  // A sleep was ended by somebody, at once perhaps, as by what was submitted with it. One that ends
  // because it is time is not to be told: no poll would have paid, so a core that only timers wake
  // makes no tries.
  void slept_until(source who) noexcept {
    ended_by(who);
    sleeps_ += who == source::core ? weight_of_core : 1;
    if (who == source::kernel && ++kernel_sleeps_ % between_brief_tries == 0) tries_briefly_ = true;
  }

  // Of as many windows as windows() gave; `who` says nothing where nothing came.
  void record(came what, source who, unsigned windows) noexcept {
    const bool is_brief_try = !polls_ && windows == 1;
    if (what != came::never) ended_by(who);
    move(share_, what == came::soon);
    const std::int32_t begins = whole * 3 / 4 - by_cores_ / 4;
    polls_ = share_ >= (polls_ ? begins - whole / 4 : begins);
    if (is_brief_try) {
      tries_briefly_ = what == came::soon && !polls_;
      return;
    }
    tries_briefly_ = false;
    next_try_ = sleeps_ + between_tries;
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
        next_try_ = sleeps_ + rest_after_patience;
    }
  }

 private:
  static constexpr std::int32_t whole = 1 << 16;
  static constexpr std::uint64_t between_tries = 1024;  // sleeps that the kernel ended
  static constexpr std::uint64_t between_brief_tries = 128;
  static constexpr std::uint64_t weight_of_core = 32;  // one that a core ended counts as so many
  static constexpr std::uint64_t rest_after_patience = 1024 * weight_of_core;
  static constexpr unsigned patience = 5;
  static constexpr unsigned most_patient = 48;  // in a row

  static void move(std::int32_t& share, bool up) noexcept {
    constexpr std::int32_t weight = 8;
    share = up ? share + (whole - share) / weight : share - share / weight;
  }
  void ended_by(source who) noexcept { move(by_cores_, who == source::core); }

  std::int32_t share_ = whole / 2;  // of the polls that paid
  std::int32_t by_cores_ = whole;   // of the idle moments that somebody ended
  bool polls_ = true;
  unsigned patient_ = 0;  // polls in a row that paid, late
  bool tries_briefly_ = false;
  std::uint64_t sleeps_ = 0;  // that somebody ended
  std::uint64_t kernel_sleeps_ = 0;
  std::uint64_t next_try_ = 0;
};

}  // namespace lull::detail
