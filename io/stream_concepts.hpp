// SPDX-License-Identifier: MIT
#pragma once

// What a stream of bytes has to have to be read and written through buffers, or served: tcp_stream
// and unix_stream do, and so may others, such as one that encrypts. All of it is checked when it is
// compiled.

#include <concepts>
#include <cstddef>
#include <span>

#include "../sched/branch.hpp"
#include "peer_name.hpp"
#include "result.hpp"

namespace lull {
namespace detail {

// A piece of what was received: moves, keeps its bytes in place while it lives, and gives up what
// it holds when it is assigned an empty one.
template <class Block>
concept received_block =
    std::default_initializable<Block> && std::movable<Block> && requires(const Block& block) {
      { block.bytes() } -> std::convertible_to<std::span<const std::byte>>;
    };

// What awaiting receive() gives when it succeeds.
template <class Stream>
using received_by = typename await_result<decltype(std::declval<Stream&>().receive())>::value_type;

// With whom a stream is, for messages, if it says so.
template <class Stream>
peer_name name_of(const Stream& stream) noexcept {
  if constexpr (requires {
                  { stream.remote() } -> std::convertible_to<peer_name>;
                }) {
    return stream.remote();
  } else {
    return {};
  }
}

}  // namespace detail

// co_await stream.receive() gives a result of bytes that stay in place as long as the value lives;
// no bytes at the end of the stream, and then for good. Stopped, it loses nothing.
template <class Stream>
concept receiving_stream = requires(Stream& stream) {
  requires detail::is_result<detail::await_result<decltype(stream.receive())>>;
  requires detail::received_block<detail::received_by<Stream>>;
};

// co_await stream.send_all(bytes) gives a result<void>, and throws nothing but std::bad_alloc. The
// bytes are its to read until then.
template <class Stream>
concept sending_stream = requires(Stream& stream, std::span<const std::byte> bytes) {
  requires std::same_as<detail::await_result<decltype(stream.send_all(bytes))>, result<void>>;
};

}  // namespace lull
