// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <lull/io/failure.hpp>
#include <lull/io/unix_address.hpp>
#include <stdexcept>
#include <string>

using lull::unix_address;

TEST_CASE("the name of a Unix socket is parsed and printed in the same form") {
  for (const std::string text :
       {"unix:/run/a.sock", "unix:./a", "unix:../a", "unix:@name", "unix:@\\x00\\xff\\x5c",
        "unix:/with\\x20space", "unix:/caf\xc3\xa9"}) {
    INFO(text);
    const auto parsed = unix_address::parse(text);
    REQUIRE(parsed);
    const auto again = unix_address::parse(parsed->to_string());
    REQUIRE(again);
    CHECK(*again == *parsed);
    CHECK(again->to_string() == parsed->to_string());
    CHECK(unix_address::parse(text.substr(5)) == parsed);
    CHECK(unix_address::from(parsed->data(), parsed->size()) == *parsed);
  }
  CHECK(unix_address::parse("/run/a.sock")->to_string() == "unix:/run/a.sock");
  CHECK(unix_address::abstract(std::string_view("\0a", 2))->to_string() == "unix:@\\x00a");
  CHECK(unix_address::path("@odd")->to_string() == "unix:./@odd");
}

TEST_CASE("paths and abstract names are told apart") {
  const auto path = unix_address::path("a").value();
  const auto abstract = unix_address::abstract("a").value();
  CHECK(path != abstract);
  CHECK(path.is_path());
  CHECK(!path.is_abstract());
  CHECK(abstract.is_abstract());
  CHECK(path.name() == abstract.name());
  CHECK(unix_address::parse("/a") != unix_address::parse("/b"));
}

TEST_CASE("a name of the greatest length is taken, and one more byte is not") {
  const std::string most(unix_address::longest, 'x');
  for (const std::string& bytes : {most, most + 'x'}) {
    const bool fits = bytes.size() == unix_address::longest;
    CHECK(unix_address::path(bytes).has_value() == fits);
    CHECK(unix_address::abstract(bytes).has_value() == fits);
    CHECK(unix_address::parse("@" + bytes).has_value() == fits);
  }
  CHECK(unix_address::path(most)->name() == most);
  const auto abstract = unix_address::abstract(most).value();
  CHECK(unix_address::from(abstract.data(), abstract.size()) == abstract);
}

TEST_CASE("no name is a value of its own") {
  const unix_address none;
  CHECK(!none);
  CHECK(none.to_string() == "unix:");
  CHECK(none.name().empty());
  CHECK(unix_address::from(none.data(), none.size()) == none);
  CHECK(!unix_address::path(""));
  CHECK(!unix_address::abstract(""));
  CHECK(!unix_address::path(std::string_view("a\0b", 3)));
}

TEST_CASE("a refused name says what is wrong with it and what to write") {
  using Catch::Matchers::ContainsSubstring;
  using Catch::Matchers::MessageMatches;
  const auto complains = [](const std::string& text, const char* cause, const char* remedy) {
    INFO(text);
    CHECK(!unix_address::parse(text));
    CHECK_THROWS_MATCHES(unix_address::of(text), std::invalid_argument,
                         MessageMatches(ContainsSubstring("\"" + text + "\"") &&
                                        ContainsSubstring(cause) && ContainsSubstring(remedy)));
  };
  complains("name", "neither /, ./ nor @", "write ./NAME");
  complains("", "empty", "@NAME");
  complains("unix:@", "empty", "@NAME");
  complains("/" + std::string(107, 'x'), "has 108 bytes", "shorter path");
  CHECK(unix_address::of("@name") == unix_address::abstract("name"));
}

TEST_CASE("a failure on a Unix socket gives the cause and the remedy of one") {
  using Catch::Matchers::ContainsSubstring;
  const lull::failure gone(ENOENT, "connect to", unix_address::of("/run/a.sock"));
  CHECK_THAT(gone.message(), ContainsSubstring("connect to unix:/run/a.sock") &&
                                 ContainsSubstring("start the service that makes it"));
  const lull::failure taken(EADDRINUSE, "listen on", unix_address::of("@a"));
  CHECK_THAT(taken.message(), ContainsSubstring("ss -lx"));
  const lull::failure tcp(EADDRINUSE, "listen on", lull::address::loopback(80));
  CHECK_THAT(tcp.message(), ContainsSubstring("ss -lntup"));
}
