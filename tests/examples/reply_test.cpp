// SPDX-License-Identifier: MIT
#include "../../examples/kv/reply.hpp"

#include <catch2/catch_test_macros.hpp>

#include <limits>
#include <string>

TEST_CASE("each kind of reply is written as RESP2 has it") {
  kv::byte_buffer buffer;
  kv::reply out{buffer};
  out.ok();
  out.null();
  out.integer(-12);
  out.array(2);
  out.bulk("");
  out.bulk(std::string_view{"a\r\n\0", 4});
  out.integer(std::numeric_limits<std::int64_t>::min());
  out.status("PONG");
  CHECK(buffer.view() == std::string{"+OK\r\n$-1\r\n:-12\r\n*2\r\n$0\r\n\r\n$4\r\na\r\n\0\r\n"
                                     ":-9223372036854775808\r\n+PONG\r\n",
                                     66});
}

TEST_CASE("lengths of one, two and more digits are all right") {
  for (const std::size_t length : {9U, 10U, 99U, 100U, 1000U, 123456U}) {
    kv::byte_buffer buffer;
    kv::reply{buffer}.bulk(std::string(length, 'x'));
    CHECK(buffer.view() ==
          "$" + std::to_string(length) + "\r\n" + std::string(length, 'x') + "\r\n");
  }
}

TEST_CASE("a line break in an error cannot end the reply early") {
  kv::byte_buffer buffer;
  kv::reply{buffer}.error("ERR got '\r\n+OK'");
  CHECK(buffer.view() == "-ERR got '  +OK'\r\n");
}
