// SPDX-License-Identifier: MIT
#include "../../examples/kv/glob.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>

using kv::glob_match;

TEST_CASE("a pattern without special characters matches itself alone") {
  CHECK(glob_match("key", "key"));
  CHECK_FALSE(glob_match("key", "ke"));
  CHECK_FALSE(glob_match("key", "keys"));
  CHECK(glob_match("", ""));
  CHECK_FALSE(glob_match("", "x"));
}

TEST_CASE("stars and question marks stand for any bytes") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("*", "anything"));
  CHECK(glob_match("h?llo", "hello"));
  CHECK_FALSE(glob_match("h?llo", "hllo"));
  CHECK(glob_match("a*b*c", "a-b-b-c"));
  CHECK_FALSE(glob_match("a*b*c", "a-b-b-"));
  CHECK(glob_match("*a", "banana"));
  CHECK(glob_match("**", ""));
}

TEST_CASE("a class takes one byte of a set or a range, or one that is not in it") {
  CHECK(glob_match("h[ae]llo", "hallo"));
  CHECK_FALSE(glob_match("h[ae]llo", "hillo"));
  CHECK(glob_match("h[^e]llo", "hallo"));
  CHECK_FALSE(glob_match("h[^e]llo", "hello"));
  CHECK(glob_match("[a-c]", "b"));
  CHECK(glob_match("[c-a]", "b"));
  CHECK_FALSE(glob_match("[a-c]", "d"));
  CHECK(glob_match("[\\]]", "]"));
  CHECK_FALSE(glob_match("[]x", "ax"));
  CHECK(glob_match("[abc", "b"));
}

TEST_CASE("a backslash takes the next byte as it is") {
  CHECK(glob_match("a\\*b", "a*b"));
  CHECK_FALSE(glob_match("a\\*b", "axb"));
  CHECK(glob_match("a\\", "a\\"));
}

TEST_CASE("a match is given up when it takes many times the length of the text, and not before") {
  const std::string text(100'000, 'a');
  kv::glob hostile{"*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"};
  CHECK_FALSE(hostile.matches(text));
  CHECK(hostile.given_up());
  CHECK(hostile.steps() < 20 * text.size());
  CHECK_FALSE(hostile.matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
  const std::string many_classes = "*[" + std::string(100, 'x') + "]b";
  CHECK(glob_match(many_classes, "xb"));
  kv::glob slow{many_classes};
  CHECK_FALSE(slow.matches(text));
  CHECK(slow.given_up());
  for (const char* pattern : {"*", "*b", "*aaaaaaaaaaaab*", "*a?[a-z]a*aaab", "a*a*a*a*a*a*b"}) {
    kv::glob usual{pattern};
    usual.matches(text);
    CHECK_FALSE(usual.given_up());
  }
}

TEST_CASE("a pattern of many stars takes no more than pattern times text") {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  CHECK_FALSE(glob_match(pattern + "b", std::string(2000, 'a')));
}
