// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <lull/io/address.hpp>
#include <lull/io/peer_name.hpp>
#include <stdexcept>
#include <string>

using lull::address;

TEST_CASE("an address with a port is parsed and printed in the same form") {
  for (const std::string text : {"127.0.0.1:80", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80",
                                 "[::]:1", "[2001:db8::7]:6379", "[fe80::1%3]:9"}) {
    INFO(text);
    const auto parsed = address::parse(text);
    REQUIRE(parsed);
    CHECK(parsed->to_string() == text);
    CHECK(bool(*parsed));
  }
}

TEST_CASE("text that is not an address with a port is refused") {
  for (const std::string text : {"",
                                 ":",
                                 ":80",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:-1",
                                 "127.0.0.1:8o",
                                 "127.0.0.256:80",
                                 "localhost:80",
                                 "::1:80",
                                 "[::1]",
                                 "[]:80",
                                 "[::1:80",
                                 "[127.0.0.1]:80",
                                 "[fe80::1%no_such_interface]:80",
                                 "127.0.0.1%1:80",
                                 "1.2.3.4:80 ",
                                 "[1111:2222:3333:4444:5555:6666:7777:8888:9999]:80",
                                 "127.0.0.1%0:80"}) {
    INFO(text);
    CHECK(!address::parse(text));
  }
  for (const std::string_view text :
       {std::string_view("127.0.0.1\0.name:80", 18), std::string_view("[fe80::1%lo\0]:80", 16),
        std::string_view("[::1\0]:80", 9)}) {
    CHECK(!address::parse(text));
  }
}

TEST_CASE("host and port are parsed apart") {
  CHECK(address::parse("::1", 80) == address::loopback_v6(80));
  CHECK(address::parse("[::1]", 80) == address::loopback_v6(80));
  CHECK(address::parse("127.0.0.1", 80) == address::loopback(80));
  CHECK(!address::parse("example.org", 80));
  CHECK(!address::parse("", 80));
}

TEST_CASE("an address survives the form of system calls") {
  for (const address& one : {address::loopback(7), address::any(8), address::loopback_v6(9),
                             address::any_v6(10), address::parse("fe80::2%5", 11).value()}) {
    CHECK(address::from(one.data(), one.size()) == one);
  }
  CHECK(address::loopback(7).size() == sizeof(sockaddr_in));
  CHECK(address::loopback_v6(7).size() == sizeof(sockaddr_in6));
}

TEST_CASE("addresses differ by family, number, port and scope") {
  CHECK(address::loopback(1) != address::loopback(2));
  CHECK(address::loopback(1) != address::any(1));
  CHECK(address::loopback(1) != address::loopback_v6(1));
  CHECK(address::parse("fe80::2%5", 1) != address::parse("fe80::2%6", 1));
  CHECK(address::loopback(1).with_port(2) == address::loopback(2));
  CHECK(address::loopback_v6(1).with_port(2).port() == 2);
}

TEST_CASE("the host of an address is had as a text and as the bytes of its number") {
  using namespace std::string_view_literals;
  CHECK(address::loopback(7).host() == "127.0.0.1");
  CHECK(address::loopback_v6(7).host() == "::1");
  CHECK(address::parse("fe80::2%5", 1)->host() == "fe80::2%5");
  CHECK(address().host() == "-");
  CHECK(address::loopback(7).host_bytes() == "\x7f\0\0\1"sv);
  const address v6 = address::loopback_v6(7);
  CHECK(v6.host_bytes() == "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"sv);
  CHECK(address().host_bytes().empty());
}

TEST_CASE("no address is a value of its own") {
  const address none;
  CHECK(!none);
  CHECK(none.to_string() == "-");
  CHECK(none.port() == 0);
  CHECK(none.size() == 0);
  CHECK(none == address());
  CHECK(none.with_port(5) == none);
}

TEST_CASE("a refused address says what is wrong with it and what to write") {
  using Catch::Matchers::ContainsSubstring;
  using Catch::Matchers::MessageMatches;
  const auto complains = [](const char* text, const char* cause, const char* remedy) {
    INFO(text);
    CHECK_THROWS_MATCHES(address::of(text), std::invalid_argument,
                         MessageMatches(ContainsSubstring(std::string("\"") + text + "\"") &&
                                        ContainsSubstring(cause) && ContainsSubstring(remedy)));
  };
  complains("127.0.0.1", "no port", "ADDRESS:PORT");
  complains("::1:80", "brackets", "[ADDRESS]:PORT");
  complains("127.0.0.1:http", "\"http\" is no port", "0 to 65535");
  complains("[fe80::1%nowhere]:80", "\"nowhere\" is no network interface", "ip link");
  complains("127.0.0.1%eth0:80", "\"eth0\" is no network interface", "no IPv6 address");
  complains("localhost:80", "\"localhost\" is no IP address", "127.0.0.1:PORT");
  CHECK(address::of("127.0.0.1:80") == address::loopback(80));
}

TEST_CASE("the name of a peer is an address or the end of a path") {
  using lull::peer_name;
  CHECK(sizeof(peer_name) == 44);
  CHECK(!peer_name());
  CHECK(peer_name().to_string() == "-");
  CHECK(peer_name(address::loopback(7)).to_string() == "127.0.0.1:7");
  CHECK(peer_name(address::loopback(7)).ip() == address::loopback(7));
  const auto name = [](const char* text) {
    return peer_name(lull::unix_address::parse(text).value());
  };
  CHECK(name("/run/a.sock").to_string() == "unix:/run/a.sock");
  CHECK(name("@a").to_string() == "unix:@a");
  CHECK(bool(name("@a")));
  CHECK(!name("@a").ip());
  CHECK(name("/123456789/123456789/123456789/123456789").to_string() ==
        "unix:/123456789/123456789/123456789/123456789");
  CHECK(name("/x123456789/123456789/123456789/123456789").to_string() ==
        "unix:...x123456789/123456789/123456789/123456789");
}
