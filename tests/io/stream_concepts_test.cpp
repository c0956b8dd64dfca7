// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <string>

#include <lull/io/stream_concepts.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/io/unix_stream.hpp>

#include "connected.hpp"
#include "on_core.hpp"
#include "scripted_stream.hpp"

namespace {

// Gives bytes that are gone with the result that names them.
struct careless_stream {
  lull::task<lull::result<std::string*>> receive();
  lull::task<void> send_all(std::span<const std::byte> bytes);
};

template <class Stream>
constexpr bool reads_and_writes = lull::receiving_stream<Stream> && lull::sending_stream<Stream>;

}  // namespace

TEST_CASE("streams of bytes can be buffered, and what is none cannot") {
  STATIC_CHECK(reads_and_writes<lull::tcp_stream>);
  STATIC_CHECK(reads_and_writes<lull::unix_stream>);
  STATIC_CHECK(reads_and_writes<io_test::scripted_stream>);
  STATIC_CHECK(!lull::receiving_stream<careless_stream>);
  STATIC_CHECK(!lull::sending_stream<careless_stream>);
  STATIC_CHECK(!lull::receiving_stream<int>);
}

TEST_CASE("a stream tells with whom it is, where it knows") {
  io_test::on_core([]() -> lull::task<> {
    io_test::connection both = co_await io_test::connected();
    CHECK(lull::detail::name_of(both.stream).to_string() == both.stream.peer().to_string());
    CHECK(!lull::detail::name_of(io_test::scripted_stream()));
  });
}
