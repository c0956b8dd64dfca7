// SPDX-License-Identifier: MIT
#pragma once
// The rows of the reclamation benchmark: what is measured of lull and of each peer, in rounds.

#include <lull/base/clock.hpp>

#include <cstddef>
#include <string>

#include "finding.hpp"
#include "reclaim_shapes.hpp"

namespace lull::bench {

// Ends the program with a sentence when a library's loops leave objects unreleased.
void check_that_all_is_released(const contender& library);

// Loops of one thread, in turn; the reader's row has a second thread.
void print_timed_rows(double seconds);

// From retire to release, between two threads. Prints nothing where there is one CPU only.
void print_latency_rows(double seconds);

// A million objects retired in one iteration: what the iterations after it take.
void print_burst_row(std::size_t bursts);

// The loop of a library that a row of them measures; null when there is none.
void (*shape_of(const contender& library, const std::string& shape))(std::size_t operations);

// A clock that is read like the real one and stands still. lull bounds what it releases in an
// iteration by time as well, and under a tool that counts instructions time runs fifty times
// faster.
time_source standing_clock();

// From here on the thread of the loops has it.
void stop_clock_of_lull();

// Drives so many participants by hand, in rounds of an iteration each, and prints how many epochs
// there were: for tools that count instructions. False when the library has no such shape.
bool drive_participants(const std::string& library, const std::string& shape, std::size_t count,
                        std::size_t rounds);
bool drive_ck_records(std::size_t count, std::size_t rounds);  // the same for ck_epoch

}  // namespace lull::bench
