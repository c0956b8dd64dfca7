// SPDX-License-Identifier: MIT
#include "round.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace kv {
namespace {

constexpr std::size_t words_of_round_kept = 4096;
constexpr std::size_t replies_kept = std::size_t{64} << 10;

}  // namespace

bool round::writes_to(std::uint64_t hash) const noexcept {
  const std::size_t bit = hash % filter_bits;
  if ((filter_[bit / 64] >> (bit % 64) & 1) == 0) return false;
  return std::any_of(writes_.begin(), writes_.end(),
                     [hash](const write& each) { return each.hash == hash; });
}

void round::add(command which, const arguments& words, std::uint64_t hash, unsigned owner,
                std::size_t reply_at) {
  const auto first_word = static_cast<std::uint32_t>(words_.size());
  words_.insert(words_.end(), words.slices(), words.slices() + words.size());
  owners_[owner].writes.reserve(most_writes);
  writes_.push_back({.hash = hash,
                     .reply_at = reply_at,
                     .base = words.base(),
                     .first_word = first_word,
                     .words = static_cast<std::uint32_t>(words.size()),
                     .owner = owner,
                     .which = which});
  owners_[owner].writes.push_back(static_cast<std::uint32_t>(writes_.size() - 1));
  filter_[hash % filter_bits / 64] |= std::uint64_t{1} << (hash % 64);
}

void round::execute(unsigned owner, const write_context& context) {
  byte_buffer& replies = owners_[owner].replies;
  for (const std::uint32_t index : owners_[owner].writes) {
    write& each = writes_[index];
    const arguments words{each.base, words_.data() + each.first_word, each.words};
    each.reply_begin = replies.size();
    execute_write_or_refuse(each.which, words, each.hash, context, replies);
    each.reply_size = replies.size() - each.reply_begin;
  }
}

void round::merge(byte_buffer& output, byte_buffer& spare) {
  spare.clear();
  std::size_t copied = 0;
  for (const write& each : writes_) {
    spare.append(output.view().substr(copied, each.reply_at - copied));
    copied = each.reply_at;
    spare.append(owners_[each.owner].replies.view().substr(each.reply_begin, each.reply_size));
  }
  spare.append(output.view().substr(copied));
  std::swap(output, spare);
  spare.clear();
  writes_.clear();
  words_.clear();
  expected_ = 0;
  if (words_.capacity() > words_of_round_kept) words_.shrink_to_fit();
  for (owner_part& each : owners_) {
    each.writes.clear();
    each.replies.clear();
    if (each.replies.capacity() > replies_kept) each.replies.release();
  }
  filter_.fill(0);
}

}  // namespace kv
