// SPDX-License-Identifier: MIT
#pragma once

// The buffers that streams of the core under test receive into, and who receives a whole text.

#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/io/buffers.hpp>
#include <lull/io/tcp_stream.hpp>

namespace io_test {

inline lull::detail::buffer_pool& stream_buffers() {
  return lull::detail::io_core::of(lull::detail::this_context("stream_buffers")).buffers();
}

inline lull::task<> read_text(lull::tcp_stream& stream, std::size_t bytes, std::string& text) {
  while (text.size() < bytes) {
    auto got = co_await stream.receive();
    CHECK(got);
    if (!got || got->empty()) break;
    text += got->text();
  }
}

}  // namespace io_test
