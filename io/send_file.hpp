// SPDX-License-Identifier: MIT
#pragma once

// co_await send_file(stream, file): sends a file, or part of it, to the peer of a stream. Reads and
// sends in turn, 128 KiB at a time, and goes on where either stops short; whether a file ends where
// a read has stopped is asked while what it gave is sent. A slow peer keeps a buffer and no thread
// waiting. (By way of a pipe, without the copy, each waiting peer would keep one of the ring's few
// threads: the kernel splices to sockets only by blocking.) Of this core; suspends; ends when its
// scope is asked to stop, and when the stream or the file is closed. Takes frames, and a buffer, of
// which the core keeps 8 (1 MiB) once they are there: more at a time come from the heap.

#include <cstdint>
#include <limits>

#include "../sched/task.hpp"
#include "byte_stream.hpp"
#include "file.hpp"
#include "result.hpp"

namespace lull {

inline constexpr std::uint64_t to_the_end = std::numeric_limits<std::uint64_t>::max();

// Gives how many bytes: fewer than asked for only where the file ends before. After a failure or a
// stop an unknown part has been sent. Fails as reading the file does, and then names it, or as
// sending does (EPIPE, ECONNRESET), and then names the peer. Throws std::bad_alloc.
task<result<std::uint64_t>> send_file(byte_stream& to, file& from, std::uint64_t offset = 0,
                                      std::uint64_t bytes = to_the_end);

}  // namespace lull
