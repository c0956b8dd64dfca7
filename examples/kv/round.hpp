// SPDX-License-Identifier: MIT
#pragma once

// The writes of one connection that wait for other cores: collected while a chunk of requests is
// read, executed by each owner in one go, then put into the connection's output at the places where
// their replies belong. Filled and merged by the connection's core; `execute` runs on an owner's
// core while the connection's waits. It sends no messages. A used round allocates nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "byte_buffer.hpp"
#include "command_table.hpp"
#include "request_parser.hpp"
#include "write_commands.hpp"

namespace kv {

class round {
 public:
  static constexpr std::size_t most_writes = 256;

  explicit round(unsigned cores) : owners_(cores) {}

  bool empty() const noexcept { return writes_.empty(); }
  bool full() const noexcept { return writes_.size() >= most_writes; }
  // True where a write to a key of this hash waits here.
  bool writes_to(std::uint64_t hash) const noexcept;
  bool concerns(unsigned owner) const noexcept { return !owners_[owner].writes.empty(); }

  // The bytes of the words must stay until the round has been executed; `reply_at` is where the
  // output ends now.
  void add(command which, const arguments& words, std::uint64_t hash, unsigned owner,
           std::size_t reply_at);

  // Of a write that was added: about so many bytes of reply, where that may be many.
  void expect(std::size_t bytes) noexcept { expected_ += bytes; }
  std::size_t expected() const noexcept { return expected_; }

  // On the owner's core: all its writes, in order.
  void execute(unsigned owner, const write_context& context);

  // Makes `output` the replies of all requests in order; `spare` is overwritten. Ends the round.
  void merge(byte_buffer& output, byte_buffer& spare);

 private:
  struct write {
    std::uint64_t hash;
    std::size_t reply_at;
    const char* base;
    std::uint32_t first_word;
    std::uint32_t words;
    std::uint32_t owner;
    command which;
    std::size_t reply_begin = 0;  // in the owner's replies
    std::size_t reply_size = 0;
  };
  struct owner_part {
    std::vector<std::uint32_t> writes;
    byte_buffer replies;
  };
  static constexpr std::size_t filter_bits = 1024;

  std::vector<write> writes_;
  std::vector<slice> words_;
  std::vector<owner_part> owners_;
  std::size_t expected_ = 0;
  std::array<std::uint64_t, filter_bits / 64> filter_{};  // of the low bits of the hashes
};

}  // namespace kv
