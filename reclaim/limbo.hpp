// SPDX-License-Identifier: MIT
#pragma once

// What one participant has retired and not yet released: a queue of blocks, of one owner at a time.
// It knows tags but not how epochs move. Entries are appended to the open batch; close() gives the
// batch its tag; mark_due() says how far the domain is; release() runs the deleters of what is due,
// oldest first. A limbo is an object of its own so that it can be handed over whole.
//
//   released | due | older tag | newer tag | open
//            ^ read_           closed_ ^      ^ cursor_
//
// Two tags suffice: the epoch is at most one past `complete`, and what is tagged below is due.
// A block holds runs: {kind, count} and then `count` entries. Closing ends the run, so that a batch
// is whole runs, and the borders between tags need no places, only counts.

#include <cstddef>
#include <cstdint>

#include "release_budget.hpp"
#include "release_kind.hpp"
#include "slots.hpp"

namespace lull::detail {

class limbo {
 public:
  limbo();  // allocates one block; throws std::bad_alloc
  ~limbo();
  limbo(const limbo&) = delete;
  limbo& operator=(const limbo&) = delete;

  // Whether an entry of `kind` fits the run that is being written: then place() takes no branch
  // that allocates. Kinds are compared by address.
  bool fits(const release_kind& kind) const noexcept {
    return &kind == kind_ && static_cast<std::size_t>(limit_ - cursor_) >= kind.words;
  }

  // The words of one more entry of the kind that fits.
  void** place(const release_kind& kind) noexcept {
    void** entry = cursor_;
    cursor_ += kind.words;
    return entry;
  }

  // Begins a run of this kind with room for an entry. Throws std::bad_alloc with nothing changed.
  void begin_run(const release_kind& kind);

  // Bytes of an entry whose kind does not say them.
  void count_bytes(std::size_t bytes) noexcept { open_bytes_ += bytes; }

  // Makes the next n retires of any kind need no allocation. Throws with nothing changed.
  void reserve(std::size_t n);

  // Allocates a spare block when there is none; does without one when memory is short.
  void top_up() noexcept;

  // Whether something was appended since the last close.
  bool is_open() const noexcept { return cursor_ != closed_; }

  // Gives the open batch its tag and returns its size. Tags never go back.
  struct size {
    std::size_t objects = 0;
    std::size_t bytes = 0;
    size& operator+=(const size& more) noexcept {
      objects += more.objects;
      bytes += more.bytes;
      return *this;
    }
  };
  size close(epoch_number tag) noexcept;

  // Makes due what is tagged below `completed`.
  void mark_due(epoch_number completed) noexcept;

  // Releases what is due, within the budget. A deleter may append to this limbo meanwhile.
  size release(release_budget& budget) noexcept;

  // `completed` that makes all closed batches due; 0 when none waits.
  epoch_number wanted() const noexcept;

  // Counts of what is closed and not released.
  std::size_t objects() const noexcept { return due_ + older_.objects + newer_.objects; }
  std::size_t bytes() const noexcept { return bytes_; }
  std::size_t due() const noexcept { return due_; }
  bool empty() const noexcept { return objects() == 0 && !is_open(); }

  limbo* next = nullptr;  // whoever keeps several of them in a list

 private:
  struct block {
    block* next = nullptr;
    void** end = nullptr;  // of what was written, once the writer has gone on
    void* words[limits::limbo_block_words];
  };
  struct batch {
    epoch_number tag = 0;
    std::size_t objects = 0;
  };

  block* take_spare();
  void give_spare(block* empty) noexcept;
  void end_run() noexcept;
  void next_run() noexcept;
  void rewind() noexcept;

  // The writer.
  void** cursor_;                       // next free word
  void** limit_;                        // end of the block
  const release_kind* kind_ = nullptr;  // of the run being written; null: none
  void** run_ = nullptr;                // its header
  void** closed_;                       // cursor_ at the last close
  block* block_;
  size open_;                   // runs of the open batch that have ended
  std::size_t open_bytes_ = 0;  // and bytes that entries brought along

  // The reader.
  block* read_block_;
  void** read_;                              // next entry, or header
  const release_kind* read_kind_ = nullptr;  // of the run being read
  std::size_t read_left_ = 0;                // its entries that are left

  std::size_t due_ = 0;
  batch older_;
  batch newer_;
  std::size_t bytes_ = 0;

  block* spare_ = nullptr;
  std::size_t spare_count_ = 0;
  std::size_t reserved_ = 0;  // spare blocks that reserve() asked for
};

}  // namespace lull::detail
