// SPDX-License-Identifier: MIT
#pragma once

// The sizes and bounds of the library, in one place. LULL_SMALL_CONSTANTS (sanitizer builds) makes
// them small, so that blocks fill, walks stop halfway and bounds are met in short tests too.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace lull::limits {

#ifdef LULL_SMALL_CONSTANTS
inline constexpr bool small = true;
#else
inline constexpr bool small = false;
#endif

// Memory that coroutine frames are cut from, a power of two; how many such slabs a core keeps
// beyond what it uses, for good; and how many of the others go back to the heap at a time.
inline constexpr std::size_t frame_slab_bytes = small ? 8192 : 32768;
inline constexpr std::size_t spare_frame_slabs = small ? 2 : 32;
inline constexpr std::size_t trimmed_frame_slabs = small ? 4 : 512;

// Timers that one iteration deals with at most: it moves them to where they are near at hand, or
// expires them. And messages that it delivers at most.
inline constexpr std::size_t timers_at_a_time = small ? 8 : 8192;
inline constexpr std::size_t messages_at_a_time = small ? 4 : 1024;

// Awaits that are refused one after the other, because a stop was asked for, before a coroutine
// makes room for others.
inline constexpr unsigned refusals = small ? 4 : 64;

// Groups of tasks that may share a core.
inline constexpr std::size_t task_groups = 8;

// The first pause before a cancel, or a send that found no room, is repeated, and how many pauses
// there are, each four times as long as the one before: the last is 102 ms.
inline constexpr std::chrono::microseconds first_repeat{100};
inline constexpr std::size_t repeat_pauses = 6;

// Words of one limbo block: 4 KiB with its header.
inline constexpr std::size_t limbo_block_words = small ? 24 : 510;

// The largest deleter, in words, that retire(std::unique_ptr<T, D>) takes along.
inline constexpr std::size_t deleter_words = 6;

// Empty blocks that a participant keeps for its next retires.
inline constexpr std::size_t spare_blocks = small ? 2 : 4;

// Slots that one call of advance looks at while it has the lock.
inline constexpr unsigned walk_visits = small ? 2 : 32;

// What one quiescent state releases at most, before the bound grows with what is due.
inline constexpr std::size_t release_objects = small ? 4 : 64;
inline constexpr std::chrono::microseconds release_time{10};

// A bound of so many objects is none, and stays as it is: any that grows can be counted.
inline constexpr std::size_t unbounded_release = SIZE_MAX / 32;

// The part of what is due that is added to the bound: a burst drains in some thousand iterations.
inline constexpr std::size_t release_share = small ? 8 : 512;

// Objects between two looks at the clock, at most.
inline constexpr std::size_t release_chunk = small ? 2 : 256;

// Small releases in a row of which one is timed.
inline constexpr unsigned untimed_releases = small ? 2 : 8;

// Holds in one chunk, and what one quiescent state looks at when it gathers what is held, or asks
// whether what was held is so still.
inline constexpr std::size_t hold_cells = small ? 2 : 64;
inline constexpr std::size_t gather_cells = small ? 2 : 512;
inline constexpr std::size_t recheck_objects = small ? 2 : 16;

// So many quiescent states at most pass before what is due is looked up among what is held, however
// little it is.
inline constexpr unsigned gather_patience = small ? 2 : 64;

// Quiescent states in a row that may pass at once, where a participant merges them.
inline constexpr unsigned most_merged = small ? 2 : 3;

// Of those that are merged, so many between two looks at the clock.
inline constexpr unsigned merges_per_look = 64;

// Quiescent states in vain between two looks at the clock, for stalls.
inline constexpr unsigned blocked_turns = small ? 4 : 64;

// Batches of which one is timed, for the histogram of grace periods.
inline constexpr unsigned grace_sample = small ? 2 : 64;

// Words of a deferred closure that lie in limbo itself.
inline constexpr std::size_t closure_words = 3;

// Rounds of announce, advance and release in one call of drive().
inline constexpr unsigned drive_rounds = small ? 16 : 64;

}  // namespace lull::limits
