// SPDX-License-Identifier: MIT
#pragma once

// What one participant has retired and not yet released, of one owner at a time: entries in blocks,
// and objects that link themselves, each a queue in order (stages.hpp). It knows tags but not how
// epochs move. Retires go to the open batch; close() gives the batch its tag; mark_due() says how
// far the domain is; release() runs the deleters of what is clear, oldest first. A limbo is an
// object of its own so that it can be handed over whole.
//
// A block holds runs: {kind, count} and then `count` entries. Closing ends the run, so that a batch
// is whole runs.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "held.hpp"
#include "linked_queue.hpp"
#include "release_budget.hpp"
#include "release_kind.hpp"
#include "stages.hpp"

namespace lull::detail {

struct limbo_size {
  std::size_t objects = 0;
  std::size_t bytes = 0;

  limbo_size& operator+=(const limbo_size& more) noexcept {
    objects += more.objects;
    bytes += more.bytes;
    return *this;
  }
};

// Where what leaves limbo goes to, but for its deleter: see release.hpp.
class release_sink;

class limbo {
 public:
  using size = limbo_size;

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

  // Appends an object that links itself.
  void link(retirable_base& one) noexcept { links_.push(one); }

  // Bytes of an entry whose kind does not say them.
  void count_bytes(std::size_t bytes) noexcept { open_bytes_ += bytes; }

  // Makes the next n retires of any kind need no allocation. Throws with nothing changed.
  void reserve(std::size_t n);

  // Allocates a spare block when there is none; does without one when memory is short.
  void top_up() noexcept;

  // Whether something was retired since the last close.
  bool is_open() const noexcept { return cursor_ != closed_ || links_.open() != 0; }

  // Gives the open batch its tag and returns its size. Tags never go back.
  size close(epoch_number tag) noexcept;

  // The stages of both queues together: see stages.hpp.
  void mark_due(completed_epoch completed) noexcept {
    entries_.mark_due(completed);
    if (linked_.all() != 0) linked_.mark_due(completed);
  }
  void begin_gather() noexcept;
  void end_gather() noexcept;
  void forget_gather() noexcept;
  epoch_number wanted() const noexcept {
    return linked_.all() == 0 ? entries_.wanted() : std::max(entries_.wanted(), linked_.wanted());
  }
  std::size_t objects() const noexcept { return entries_.all() + linked_.all(); }
  std::size_t due() const noexcept { return entries_.due() + linked_.due(); }
  std::size_t clear() const noexcept { return entries_.clear() + linked_.clear(); }
  std::size_t unclear() const noexcept { return entries_.unclear() + linked_.unclear(); }
  const stages& entries() const noexcept { return entries_; }
  const stages& linked() const noexcept { return linked_; }

  // Releases what is clear, within the budget; objects that the sink takes are not released.
  // Deleters may retire into this limbo meanwhile. Returns what left it.
  size release(release_budget& budget, release_sink& sink) noexcept;

  std::size_t bytes() const noexcept { return bytes_; }  // of what is closed
  bool empty() const noexcept { return objects() == 0 && !is_open(); }

  // What was retired here, is past its grace period, and is kept because somebody holds it. Counted
  // apart. held_stamp counts what was ever kept.
  held_list held;
  std::uint64_t held_stamp = 0;

  // What `complete` must come to so that homes have looked at what was sent to them from here.
  epoch_number sent_want = 0;

  limbo* next = nullptr;  // whoever keeps several of them in a list

 private:
  struct block {
    block* next = nullptr;
    void** end = nullptr;  // of what was written, once the writer has gone on
    void* words[limits::limbo_block_words];
  };

  block* take_spare();
  [[gnu::noinline]] void give_spare(block* empty) noexcept;
  void end_run() noexcept;
  void next_run() noexcept;
  void rewind() noexcept;
  void pass(std::size_t count, std::size_t bytes) noexcept;
  std::size_t entry_bytes(void** entries, std::size_t count) const noexcept;
  bool release_entries(release_budget& budget, release_sink& sink, size& gone) noexcept;
  [[gnu::noinline]] bool release_linked(release_budget& budget, release_sink& sink,
                                        size& gone) noexcept;

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

  stages entries_;
  std::size_t bytes_ = 0;

  linked_queue links_;
  stages linked_;
  bool linked_first_ = true;  // toggles

  block* spare_ = nullptr;
  std::size_t spare_count_ = 0;
  std::size_t reserved_ = 0;  // spare blocks that reserve() asked for
};

}  // namespace lull::detail
