// SPDX-License-Identifier: MIT
#pragma once

// A stream without a socket: gives what it was told to, piece by piece, each in memory of its own,
// and keeps what is sent, send by send. What buffered_reader and buffered_writer need of a stream,
// and nothing else.

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <lull/io/stream_concepts.hpp>
#include <lull/sched/event.hpp>
#include <lull/sched/task.hpp>

namespace io_test {

// A text that is counted while it lives.
struct counted_text {
  counted_text(std::string t, std::size_t& l) : text(std::move(t)), live(l) { ++live; }
  ~counted_text() { --live; }
  counted_text(const counted_text&) = delete;
  counted_text& operator=(const counted_text&) = delete;

  std::string text;
  std::size_t& live;
};

struct scripted_block {
  std::unique_ptr<counted_text> held;  // its address stays until then
  std::span<const std::byte> bytes() const noexcept {
    if (held == nullptr) return {};
    return std::as_bytes(std::span(held->text.data(), held->text.size()));
  }
};

struct scripted_stream {
  std::vector<std::string> pieces = {};
  int error = 0;  // after the pieces, instead of the end
  std::vector<std::string> sends = {};
  int send_error = 0;
  bool keeps = true;  // what is sent
  lull::event may_send{true};
  std::size_t next = 0;
  const char* last_block = nullptr;
  std::size_t asked = 0;
  std::size_t blocks = 0;            // that somebody holds
  std::size_t held_while_asked = 0;  // of them, at most

  explicit scripted_stream(std::vector<std::string> gives = {}, int then = 0)
      : pieces(std::move(gives)), error(then) {}

  lull::task<lull::result<scripted_block>> receive() {
    ++asked;
    held_while_asked = std::max(held_while_asked, blocks);
    scripted_block block;
    if (next < pieces.size()) {
      block.held = std::make_unique<counted_text>(pieces[next], blocks);
      last_block = block.held->text.data();
      ++next;  // nothing is lost where there was no memory
    } else if (error != 0) {
      co_return lull::failure(error, "receive");
    }
    co_return block;
  }

  lull::task<lull::result<void>> send_all(std::span<const std::byte> bytes) {
    co_await may_send.wait();
    if (send_error != 0) co_return lull::failure(send_error, "send_all");
    if (!keeps) co_return lull::result<void>();
    sends.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    co_return lull::result<void>();
  }
};

// `text` in pieces of `bytes` each.
inline std::vector<std::string> in_pieces(std::string_view text, std::size_t bytes) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size(); at += bytes) {
    pieces.emplace_back(text.substr(at, bytes));
  }
  return pieces;
}

}  // namespace io_test
