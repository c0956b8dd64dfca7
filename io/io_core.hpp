// SPDX-License-Identifier: MIT
#pragma once

// The io layer's part of a core: its receive buffers, what it counts, and how many sockets and
// files live on it. Made when the core first uses one, taken down before its ring. Core-local.

#include <cstdint>
#include <memory>
#include <utility>

#include "../ring/buffer_table.hpp"
#include "../sched/core_context.hpp"
#include "buffers.hpp"
#include "file_block.hpp"
#include "no_write_signals.hpp"
#include "passed_by.hpp"
#include "unconfirmed.hpp"

namespace lull {

class resolver;

// What the sockets and files of a core have done and met; every number only grows but `sockets`,
// `unconfirmed`, `files`, `registered_buffers` and `processes`.
struct io_statistics {
  std::uint64_t sockets = 0;             // now: open, or still being closed
  std::uint64_t accepted = 0;            // connections handed to accept()
  std::uint64_t connected = 0;           // connections made by connect()
  std::uint64_t received_pieces = 0;     // completions that brought bytes into the buffers
  std::uint64_t starved_receives = 0;    // times that a receive found every buffer in use
  std::uint64_t spare_receives = 0;      // receives into a block of the heap instead
  std::uint64_t slow_readers = 0;        // times that a stream's receive was paused by unread bytes
  std::uint64_t accept_pauses = 0;       // times that a listener waited for descriptors
  std::uint64_t zero_copy_sends = 0;     // submissions of bytes that were not to be copied
  std::uint64_t zero_copy_refusals = 0;  // of which the kernel refused so many: they were copied
  std::uint64_t zero_copy_resets = 0;    // connections reset, as their peer did not confirm such
  std::uint64_t unconfirmed = 0;         // now: such sends of which the kernel may still read bytes
  std::uint64_t files = 0;               // now, ends of pipes too: open, being opened or closed
  std::uint64_t file_operations = 0;     // asked for on these and on paths, but for close
  std::uint64_t opened = 0;              // files that open() gave
  std::uint64_t registered_buffers = 0;  // now: objects of that name, not the buffers in them
  std::uint64_t registered_transfers = 0;   // reads and writes in memory that the ring knows
  std::uint64_t registration_refusals = 0;  // registered_buffers whose memory it does not know
  std::uint64_t processes = 0;              // now: being started, running, or still being killed
  std::uint64_t futexes = 0;                // waits and wakes asked for
  std::uint64_t polls = 0;                  // asked for on descriptors of others
};

namespace detail {

class io_core {
 public:
  // The part of `home`, which is made if there is none yet. Throws std::bad_alloc.
  static io_core& of(core_context& home) {
    if (home.io == nullptr) make(home);
    return *static_cast<io_core*>(home.io);
  }

  explicit io_core(core_context& on) noexcept;
  ~io_core();
  io_core(const io_core&) = delete;
  io_core& operator=(const io_core&) = delete;

  // Made on first use. Throws std::bad_alloc.
  buffer_pool& buffers() { return made(buffers_, options, buffer_pool::holds::streams); }
  buffer_pool& datagram_buffers() {
    return made(datagram_buffers_, datagram_options, buffer_pool::holds::datagrams);
  }
  // Of memory that files are read into and written from. Throws std::system_error where the kernel
  // refuses it, too.
  buffer_table& table() {
    if (table_ == nullptr) {
      table_ = std::make_unique<buffer_table>(*home.ring, limits::registered_places);
    }
    return *table_;
  }
  bool has_buffers() const noexcept { return buffers_ != nullptr; }
  bool has_datagram_buffers() const noexcept { return datagram_buffers_ != nullptr; }

  core_context& home;
  buffer_options options;
  buffer_options datagram_options;
  io_statistics statistics;
  std::unique_ptr<resolver> names;  // null: none has been chosen or asked
  passed_by_table passed_by_cancels;
  kept_file_blocks file_blocks;
  std::uint64_t cancels = 0;            // by descriptor, so far
  intrusive_list<unconfirmed> closing;  // that the peer has not confirmed

 private:
  buffer_pool& made(std::unique_ptr<buffer_pool>& pool, const buffer_options& chosen,
                    buffer_pool::holds what) {
    if (pool == nullptr) pool = std::make_unique<buffer_pool>(home, chosen, what);
    return *pool;
  }
  static void make(core_context& home);
  static void end(core_context& home) noexcept;
  static void hurry(core_context& home) noexcept;

  std::unique_ptr<buffer_pool> buffers_;
  std::unique_ptr<buffer_pool> datagram_buffers_;
  std::unique_ptr<buffer_table> table_;
  no_write_signals no_write_signals_;
};

// Whether what an operation names may have been cancelled by who has closed the same open file: was
// anything, since it was begun or that was last asked? Without such a cause the kernel says so,
// too, where it can start no thread, and would say it again.
class cancels_of_others {
 public:
  void begin(const io_core& here) noexcept { seen_ = here.cancels; }
  bool have_cancelled(const io_core& here) noexcept {
    return std::exchange(seen_, here.cancels) != here.cancels;
  }

 private:
  std::uint64_t seen_ = 0;
};

}  // namespace detail

// What the sockets and files of this core have done so far.
io_statistics io_here();

// Chooses the receive buffers of this core, before its first receive(): later the program stops.
void choose_buffers(const buffer_options& options);
// The same for those of datagrams, each of which takes a buffer: 112 bytes of it are used for what
// is known of the datagram, and what does not fit into the rest is cut off.
void choose_datagram_buffers(const buffer_options& options);

}  // namespace lull
