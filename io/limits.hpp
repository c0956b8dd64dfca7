// SPDX-License-Identifier: MIT
#pragma once

// The sizes and bounds of the io layer, in one place; small ones under LULL_SMALL_CONSTANTS, so
// that short tests meet full buffers, starvation and slow consumers.

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "../base/limits.hpp"

namespace lull::limits {

// A core's receive buffers. Where the kernel fills one piece by piece they are 2 MiB, which 64
// messages of 16 KiB at a time do not use up, and of which a burst stays in a near cache. Where a
// receive takes a whole one they are 4 MiB at most, as one has the memory of the pages that were
// received into; one smaller than the message cuts it up, and its answer into as many sends. See
// "Receive buffers, measured" in README.md here.
inline constexpr unsigned incremental_buffers = small ? 4 : 32;
inline constexpr std::size_t incremental_buffer_bytes = small ? 512 : 64 * 1024;
inline constexpr unsigned classic_buffers = small ? 8 : 256;
inline constexpr std::size_t classic_buffer_bytes = small ? 256 : 16 * 1024;

// The same for datagrams, each of which takes a whole one: 512 KiB.
inline constexpr unsigned datagram_buffers = small ? 8 : 256;
inline constexpr std::size_t datagram_buffer_bytes = small ? 512 : 2048;

// A block of the heap that stands in when the ring of buffers is of no help, the same for a stream
// that has filled its last one, and how many unused ones a core keeps of the former.
inline constexpr std::size_t spare_bytes = small ? 512 : 4096;
inline constexpr std::size_t large_spare_bytes = small ? 2048 : 64 * 1024;
inline constexpr std::size_t spares_kept = small ? 2 : 64;

// What a stream may have received and not read before its receive is paused.
inline constexpr std::uint32_t unread_bytes = small ? 1024 : 64 * 1024;
inline constexpr std::uint32_t unread_pieces = small ? 4 : 64;

// Records of received pieces that are allocated together.
inline constexpr std::size_t pieces_per_block = small ? 4 : 128;

// How long a receive waits for a buffer before it takes a spare one, and how many do so at a time.
inline constexpr std::chrono::milliseconds starved_for{1};
inline constexpr unsigned spares_at_a_time = small ? 2 : 32;
// Receives that are begun again for each buffer that the kernel can fill piece by piece.
inline constexpr unsigned receives_per_buffer = 4;

// Accepted connections that nobody has taken yet before accepting is paused.
inline constexpr std::size_t untaken_connections = small ? 4 : 64;
// While some wait on a core where nobody takes them, a core that does is looked for so often.
inline constexpr std::chrono::milliseconds untaken_look{5};
// The pause of a listener that found no descriptor: doubling from the first to the second.
inline constexpr std::chrono::milliseconds accept_pause_first{1};
inline constexpr std::chrono::milliseconds accept_pause_longest{64};
// What a core may have more than the one with the fewest connections before it gives one away: so
// many, and of the fewest one in so many.
inline constexpr unsigned balance_slack = 4;
inline constexpr unsigned balance_share = 16;
// Failures of connections, one after the other, that are passed over before it pauses as well.
inline constexpr unsigned accept_failures = 16;

// The longest send or receive that one submission asks for.
inline constexpr std::size_t submission_bytes = std::size_t{1} << 30;

// What a buffered_reader keeps at most, and so its longest line; what a buffered_writer may have
// written and not sent.
inline constexpr std::size_t read_bytes = small ? 1024 : 64 * 1024;
inline constexpr std::size_t unsent_bytes = small ? 1024 : 64 * 1024;
// What such a buffer begins with.
inline constexpr std::size_t first_store_bytes = small ? 64 : 512;
// What is sent without copying at least, when that is asked for; less is copied. Locking the pages
// and the second completion cost more than a copy below some 10 KiB on a network card; on loopback,
// where the kernel copies all the same, they always do.
inline constexpr std::size_t zero_copy_bytes = small ? 2048 : 32 * 1024;
// How long the close of a stream waits for the peer to confirm more of what was sent without
// copying, unless the stream's close_patience() says otherwise; then the connection is reset.
inline constexpr std::chrono::milliseconds close_patience{10'000};
// The pause before the next try where the kernel refuses to reset it.
inline constexpr std::chrono::milliseconds reset_pause{10};

// Names whose addresses a core keeps at most, and the longest name that is looked up, in bytes.
inline constexpr std::size_t resolved_names = small ? 4 : 1024;
inline constexpr std::size_t name_bytes = 253;
// How long one of several addresses of a name is tried before the next.
inline constexpr std::chrono::milliseconds connect_next_after{2000};

// Places that one send of several names, or a receive into several: 2 KiB.
inline constexpr std::size_t message_places = small ? 16 : 128;
// Places that one vectored read or write names: the kernel's own limit (UIO_MAXIOV).
inline constexpr std::size_t vectors = 1024;
// What send_file and copy_file move at a time.
inline constexpr std::size_t send_file_bytes = small ? 4096 : 128 * 1024;
inline constexpr std::size_t copy_file_bytes = small ? 4096 : 256 * 1024;
// Blocks of send_file_bytes that a core keeps for the next that sends a file.
inline constexpr std::size_t kept_file_blocks = small ? 2 : 8;
// Names that are tried for a temporary file, of 64 bits of chance each.
inline constexpr unsigned temporary_names = 16;
// What read_file, run_process (output and errors each) and list give at most unless told otherwise.
inline constexpr std::size_t read_file_bytes = std::size_t{1} << 30;
inline constexpr std::size_t captured_bytes = std::size_t{1} << 20;
inline constexpr std::size_t directory_entries = std::size_t{1} << 20;
// Pieces of memory that a core's ring knows beforehand, 64 at most, and the bytes of each: the
// kernel's own limit.
inline constexpr unsigned registered_places = small ? 2 : 64;
inline constexpr std::size_t registered_bytes = std::size_t{1} << 30;
// What address, offset and length are multiples of where a file bypasses the page cache.
inline constexpr std::size_t direct_alignment = 4096;
// Operations on a file that are submitted together: those that a device answers, and those that
// the kernel answers at once, as it does from the page cache. See "Submitted at once, or together"
// in README.md here.
inline constexpr std::uint8_t least_together = 2;
inline constexpr std::uint8_t most_together = 64;
// The first that is looked at: one that is opened, read and closed is not worth it.
inline constexpr std::uint8_t first_look = 8;
static_assert(most_together < 128, "a file counts them in a byte, and doubles that");

}  // namespace lull::limits
