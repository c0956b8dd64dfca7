// SPDX-License-Identifier: MIT
#include "../../examples/kv/round.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

#include "session_fixture.hpp"

using kv_test::service;

namespace {

kv::arguments words_of(const std::string& text, kv::request_parser& parser) {
  REQUIRE(parser.parse(text.data(), text.data() + text.size()) ==
          kv::request_parser::outcome::request);
  return parser.words();
}

}  // namespace

TEST_CASE("replies of two owners go where their requests stood") {
  service server{2};
  kv::round writes{2};
  kv::request_parser parser{kv::request_limits{}};
  kv::byte_buffer output;
  std::string texts[3];
  const unsigned owners[3] = {1, 0, 1};
  for (int i = 0; i < 3; ++i) {
    const std::string key = server.key_of(owners[i], i);
    texts[i] = kv_test::request({"APPEND", key, std::string(static_cast<std::size_t>(i + 1), 'x')});
    output.append(std::to_string(i));
    const kv::arguments words = words_of(texts[i], parser);
    writes.add(kv::command::append, words, server.keys().hash(key), owners[i], output.size());
  }
  output.append("end");
  for (const unsigned owner : {1U, 0U}) {
    CHECK(writes.concerns(owner));
    server.on_core(owner, [&](kv::core_state& there) { writes.execute(owner, there.writing()); });
  }
  kv::byte_buffer spare;
  writes.merge(output, spare);
  CHECK(output.view() == "0:1\r\n1:2\r\n2:3\r\nend");
  CHECK(writes.empty());
  CHECK_FALSE(writes.concerns(0));
}

TEST_CASE("a round knows which keys it writes, also when their filter bits collide") {
  kv::round writes{1};
  kv::request_parser parser{kv::request_limits{}};
  const std::string text = kv_test::request({"SET", "a", "b"});
  writes.add(kv::command::set, words_of(text, parser), 5, 0, 0);
  CHECK(writes.writes_to(5));
  CHECK_FALSE(writes.writes_to(5 + 1024));
  CHECK_FALSE(writes.writes_to(6));
}
