// SPDX-License-Identifier: MIT
#include "limbo.hpp"

#include <algorithm>
#include <new>

#include "../base/assert.hpp"
#include "release.hpp"

namespace lull::detail {

limbo::limbo() : block_(new block), read_block_(block_) {
  cursor_ = closed_ = read_ = block_->words;
  limit_ = block_->words + limits::limbo_block_words;
}

limbo::~limbo() {
  LULL_ASSERT(empty(), "a limbo with %zu objects is destroyed: release or hand them over first",
              objects());
  LULL_ASSERT(held.size() == 0, "a limbo is destroyed with %zu objects that somebody holds",
              held.size());
  for (block* list : {read_block_, spare_}) {
    while (list != nullptr) delete std::exchange(list, list->next);
  }
}

limbo::block* limbo::take_spare() {
  if (spare_ == nullptr) return new block;
  block* taken = std::exchange(spare_, spare_->next);
  --spare_count_;
  if (reserved_ != 0) --reserved_;
  taken->next = nullptr;
  taken->end = nullptr;
  return taken;
}

void limbo::give_spare(block* empty) noexcept {
  if (spare_count_ >= std::max(limits::spare_blocks, reserved_)) {
    delete empty;
    return;
  }
  empty->next = std::exchange(spare_, empty);
  ++spare_count_;
}

void limbo::top_up() noexcept {
  if (spare_ != nullptr) return;
  if (block* fresh = new (std::nothrow) block) give_spare(fresh);
}

void limbo::reserve(std::size_t n) {
  const std::size_t retires_a_block = limits::limbo_block_words / largest_retire_words;
  const std::size_t needed = n / retires_a_block + (n % retires_a_block != 0 ? 1 : 0);
  block* fresh = nullptr;
  std::size_t count = spare_count_;
  try {
    for (; count < needed; ++count) {
      block* one = new block;
      one->next = std::exchange(fresh, one);
    }
  } catch (...) {
    while (fresh != nullptr) delete std::exchange(fresh, fresh->next);
    throw;
  }
  reserved_ = std::max(reserved_, needed);
  while (fresh != nullptr) give_spare(std::exchange(fresh, fresh->next));
}

void limbo::begin_run(const release_kind& kind) {
  if (static_cast<std::size_t>(limit_ - cursor_) < run_header_words + kind.words) {
    block* fresh = take_spare();
    end_run();
    block_->end = cursor_;
    block_->next = fresh;
    block_ = fresh;
    cursor_ = fresh->words;
    limit_ = fresh->words + limits::limbo_block_words;
  } else {
    end_run();
  }
  run_ = cursor_;
  kind_ = &kind;
  cursor_ += run_header_words;
}

void limbo::end_run() noexcept {
  if (kind_ == nullptr) return;
  const auto words = static_cast<std::size_t>(cursor_ - run_) - run_header_words;
  const std::size_t count = kind_->words == 1 ? words : words / kind_->words;
  run_[0] = to_word(kind_);
  run_[1] = to_word(count);
  open_.objects += count;
  open_.bytes += count * kind_->bytes;
  kind_ = nullptr;
}

limbo::size limbo::close(epoch_number tag) noexcept {
  end_run();
  closed_ = cursor_;
  size closed = std::exchange(open_, {});
  closed.bytes += std::exchange(open_bytes_, 0);
  if (closed.objects != 0) entries_.close(closed.objects, tag);
  if (const std::size_t linked = links_.open(); linked != 0) {
    linked_.close(linked, tag);
    closed.objects += linked;
    closed.bytes += links_.open_bytes();
    links_.close();
  }
  bytes_ += closed.bytes;
  return closed;
}

void limbo::begin_gather() noexcept {
  entries_.begin_gather();
  linked_.begin_gather();
}

void limbo::end_gather() noexcept {
  entries_.end_gather();
  linked_.end_gather();
}

void limbo::forget_gather() noexcept {
  entries_.forget_gather();
  linked_.forget_gather();
}

void limbo::next_run() noexcept {
  if (read_ == read_block_->end) {
    block* done = std::exchange(read_block_, read_block_->next);
    read_ = read_block_->words;
    give_spare(done);
  }
  read_kind_ = static_cast<const release_kind*>(read_[0]);
  read_left_ = to_number(read_[1]);
  read_ += run_header_words;
}

std::size_t limbo::entry_bytes(void** entries, std::size_t count) const noexcept {
  const release_kind& kind = *read_kind_;
  if (kind.bytes != 0) return count * kind.bytes;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count; ++i) bytes += to_number(entries[i * kind.words + 1]);
  return bytes;
}

// So many entries are out of here. Written down before their deleters run, for those may retire
// into this limbo.
void limbo::pass(std::size_t count, std::size_t bytes) noexcept {
  read_ += count * read_kind_->words;
  read_left_ -= count;
  entries_.pass(count);
  bytes_ -= bytes;
}

// The two below return false when the budget is spent, or the sink could not take what is held.
bool limbo::release_entries(release_budget& budget, release_sink& sink, size& gone) noexcept {
  while (const std::size_t waiting = entries_.clear()) {
    if (read_left_ == 0) next_run();
    const std::size_t most = std::min(read_left_, budget.next(waiting, read_kind_));
    if (most == 0) return false;
    const release_kind& kind = *read_kind_;
    void** entries = read_;
    const std::size_t free = sink.free_entries(kind, entries, most);
    const std::size_t count = std::max<std::size_t>(free, 1);  // or one that is held
    const std::size_t bytes = entry_bytes(entries, count);
    if (free == 0 && !sink.keep(kind, entries, bytes)) return false;
    pass(count, bytes);
    gone += {count, bytes};
    if (free != 0) sink.release(kind, entries, free);
    if (!budget.spend(count)) return false;
  }
  return true;
}

bool limbo::release_linked(release_budget& budget, release_sink& sink, size& gone) noexcept {
  while (linked_.clear() != 0) {
    const std::size_t most = budget.next(linked_.clear(), &links_);
    if (most == 0) return false;
    for (std::size_t i = 0; i < most; ++i) {
      if (!sink.may_keep(links_.front())) return false;
      retirable_base& one = links_.pop();
      const std::size_t bytes = linked_queue::kind_of(one).bytes;
      linked_.pass(1);
      bytes_ -= bytes;
      gone += {1, bytes};
      sink.release(one);
    }
    if (!budget.spend(most)) return false;
  }
  return true;
}

limbo::size limbo::release(release_budget& budget, release_sink& sink) noexcept {
  size gone;
  if (links_.empty()) {
    release_entries(budget, sink, gone);
  } else if ((linked_first_ = !linked_first_)) {  // in turn, so that neither waits for ever
    if (release_linked(budget, sink, gone)) release_entries(budget, sink, gone);
  } else {
    if (release_entries(budget, sink, gone)) release_linked(budget, sink, gone);
  }
  if (empty()) rewind();
  return gone;
}

void limbo::rewind() noexcept {
  while (read_block_ != block_) give_spare(std::exchange(read_block_, read_block_->next));
  cursor_ = closed_ = read_ = block_->words;
  read_left_ = 0;
}

}  // namespace lull::detail
