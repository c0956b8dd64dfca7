// SPDX-License-Identifier: MIT
#include "limbo.hpp"

#include <algorithm>
#include <new>

#include "../base/assert.hpp"

namespace lull::detail {

limbo::limbo() : block_(new block), read_block_(block_) {
  cursor_ = closed_ = read_ = block_->words;
  limit_ = block_->words + limits::limbo_block_words;
}

limbo::~limbo() {
  LULL_ASSERT(empty(), "a limbo with %zu objects is destroyed: release or hand them over first",
              objects());
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
  bytes_ += closed.bytes;
  if (newer_.objects == 0) {
    newer_ = {tag, closed.objects};
  } else if (newer_.tag == tag) {
    newer_.objects += closed.objects;
  } else {
    LULL_ASSERT(newer_.tag < tag, "a batch is closed in epoch %llu after one of epoch %llu",
                static_cast<unsigned long long>(tag), static_cast<unsigned long long>(newer_.tag));
    // A third tag only when nobody called mark_due in time: what waits longer is safe.
    newer_.objects += older_.objects;
    older_ = std::exchange(newer_, {tag, closed.objects});
  }
  return closed;
}

void limbo::mark_due(epoch_number completed) noexcept {
  for (batch* waiting : {&older_, &newer_}) {
    if (waiting->objects == 0) continue;
    if (completed <= waiting->tag) return;
    due_ += std::exchange(waiting->objects, 0);
  }
}

epoch_number limbo::wanted() const noexcept {
  if (newer_.objects != 0) return newer_.tag + 1;
  return older_.objects != 0 ? older_.tag + 1 : 0;
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

limbo::size limbo::release(release_budget& budget) noexcept {
  size released;
  while (due_ != 0) {
    if (read_left_ == 0) next_run();
    const std::size_t count = std::min(read_left_, budget.next(due_));
    if (count == 0) break;
    const release_kind& kind = *read_kind_;
    void** entries = read_;
    std::size_t bytes = count * kind.bytes;
    if (kind.bytes == 0) {
      for (std::size_t i = 0; i < count; ++i) bytes += to_number(entries[i * kind.words + 1]);
    }
    // All is written down before the deleters run, for they may retire into this limbo.
    read_ += count * kind.words;
    read_left_ -= count;
    due_ -= count;
    bytes_ -= bytes;
    released.objects += count;
    released.bytes += bytes;
    kind.release(entries, count);
    if (!budget.spend(count)) break;
  }
  if (empty()) rewind();
  return released;
}

void limbo::rewind() noexcept {
  while (read_block_ != block_) give_spare(std::exchange(read_block_, read_block_->next));
  cursor_ = closed_ = read_ = block_->words;
  read_left_ = 0;
}

}  // namespace lull::detail
