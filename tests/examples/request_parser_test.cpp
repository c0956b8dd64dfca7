// SPDX-License-Identifier: MIT
#include "../../examples/kv/request_parser.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace {

using kv::request_parser;
using outcome = kv::request_parser::outcome;

struct parsed {
  outcome last = outcome::incomplete;
  std::vector<std::vector<std::string>> requests;
  std::string complaint;
};

// Gives the parser `text` in pieces of `step` bytes, at another address each time.
parsed parse(const std::string& text, std::size_t step, kv::request_limits limits = {}) {
  request_parser parser{limits};
  parsed result;
  std::string frame;
  for (std::size_t at = 0; at < text.size(); at += step) {
    frame += text.substr(at, step);
    for (;;) {
      const auto moved = std::make_unique<std::string>(frame);
      result.last = parser.parse(moved->data(), moved->data() + moved->size());
      if (result.last == outcome::refused) {
        result.complaint = parser.complaint();
        return result;
      }
      if (result.last == outcome::incomplete) break;
      if (result.last == outcome::request) {
        auto& words = result.requests.emplace_back();
        for (std::size_t i = 0; i < parser.words().size(); ++i) {
          words.emplace_back(parser.words()[i]);
        }
      }
      frame.erase(0, parser.consumed());
      if (frame.empty()) break;
    }
  }
  return result;
}

using requests = std::vector<std::vector<std::string>>;

void check_requests(const std::string& text, const requests& expected) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, text.size()}) {
    INFO("in pieces of " << step);
    CHECK(parse(text, step).requests == expected);
  }
}

void check_refused(const std::string& text, const std::string& complaint) {
  for (const std::size_t step : {std::size_t{1}, text.size()}) {
    INFO(text.substr(0, 40) << " in pieces of " << step);
    const parsed result = parse(text, step);
    CHECK(result.last == outcome::refused);
    CHECK(result.complaint == "ERR Protocol error: " + complaint);
  }
}

}  // namespace

TEST_CASE("requests are found wherever the bytes are cut") {
  check_requests("*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$12\r\nhello\r\nworld\r\n",
                 {{"PING"}, {"SET", "a", "hello\r\nworld"}});
  check_requests("*2\r\n$3\r\nGET\r\n$0\r\n\r\n", {{"GET", ""}});
  check_requests(std::string{"*1\r\n$3\r\n\0\r\n\r\nPING\r\n", 19},
                 {{std::string{"\0\r\n", 3}}, {"PING"}});
}

TEST_CASE("empty arrays and empty lines are passed over without a word") {
  check_requests("*0\r\n*-1\r\n\r\n\n  \r\nPING\r\n", {{"PING"}});
}

TEST_CASE("inline commands know both kinds of quotes") {
  check_requests("set a b\r\n", {{"set", "a", "b"}});
  check_requests("set  a\tb \n", {{"set", "a", "b"}});
  check_requests("set \"a b\" 'c d'\r\n", {{"set", "a b", "c d"}});
  check_requests("set \"\\x41\\n\\t\\q\\\"\" '\\'\\n'\r\n", {{"set", "A\n\tq\"", "'\\n"}});
  check_requests("set pre\"fix\" \"\"\r\n", {{"set", "prefix", ""}});
}

TEST_CASE("quotes that are not closed, or closed inside a word, are refused") {
  check_refused("set \"a\r\n", "unbalanced quotes in request");
  check_refused("set 'a\r\n", "unbalanced quotes in request");
  check_refused("set \"a\"b\r\n", "unbalanced quotes in request");
}

TEST_CASE("lengths that are negative, huge or no numbers are refused") {
  check_refused("*1\r\n$-1\r\n", "invalid bulk length");
  check_refused("*1\r\n$536870913\r\n", "invalid bulk length");
  check_refused("*1\r\n$99999999999999999999\r\n", "invalid bulk length");
  check_refused("*1\r\n$4x\r\n", "invalid bulk length");
  check_refused("*1\r\n$\r\n", "invalid bulk length");
  check_refused("*x\r\n", "invalid multibulk length");
  check_refused("*\r\n", "invalid multibulk length");
  check_refused("*1048577\r\n", "invalid multibulk length");
  check_refused("*1\r\n!4\r\n", "expected '$', got '!'");
  check_refused("*1\r\n\r\nx", "expected '$', got '\r'");
}

TEST_CASE(
    "a key of 512 MiB and one byte is refused when announced, and one of 512 MiB is awaited") {
  check_refused("*2\r\n$3\r\nGET\r\n$536870913\r\n", "invalid bulk length");
  CHECK(parse("*2\r\n$3\r\nGET\r\n$536870912\r\n", 1).last == outcome::incomplete);
}

TEST_CASE("a line without an end is refused when it is longer than its limit") {
  check_refused(std::string(70'000, 'A'), "too big inline request");
  check_refused("*" + std::string(70'000, '1'), "too big mbulk count string");
  check_refused("*1\r\n$" + std::string(70'000, '1'), "too big bulk count string");
  CHECK(parse(std::string(60'000, 'A'), 60'000).last == outcome::incomplete);
}

TEST_CASE("the limits are the caller's to choose") {
  const kv::request_limits limits{.bulk_size = 10, .bulk_count = 2};
  CHECK(parse("*2\r\n$10\r\n0123456789\r\n$0\r\n\r\n", 3, limits).requests.size() == 1);
  CHECK(parse("*1\r\n$11\r\n", 100, limits).last == outcome::refused);
  CHECK(parse("*3\r\n", 100, limits).last == outcome::refused);
}

TEST_CASE("a thousand arguments cost nothing that stays") {
  std::string text = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) text += "$3\r\nabc\r\n";
  request_parser parser{kv::request_limits{}};
  REQUIRE(parser.parse(text.data(), text.data() + text.size()) == outcome::request);
  CHECK(parser.words().size() == 1000);
  CHECK(parser.consumed() == text.size());
  parser.trim();
  const std::string ping = "PING\r\n";
  REQUIRE(parser.parse(ping.data(), ping.data() + ping.size()) == outcome::request);
  CHECK(parser.words()[0] == "PING");
}
