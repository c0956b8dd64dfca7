// SPDX-License-Identifier: MIT
#include "../../examples/kv/session.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>

#include "session_fixture.hpp"

using kv_test::request;
using kv_test::service;
using reason = kv::session::pause;

TEST_CASE("replies come in the order of the requests, whichever core executes them") {
  for (const unsigned cores : {1U, 2U, 5U}) {
    service server{cores};
    std::string input;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
      const std::string key = "k" + std::to_string(i % 37);
      input += request({"SET", key, std::to_string(i)}) + request({"PING"}) +
               request({"GET", key}) + request({"INCR", key});
      const std::string value = std::to_string(i);
      expected += "+OK\r\n+PONG\r\n$" + std::to_string(value.size()) + "\r\n" + value +
                  "\r\n:" + std::to_string(i + 1) + "\r\n";
    }
    CHECK(server.send(input) == expected);
  }
}

TEST_CASE("a read behind a write to the same key of another core waits for it") {
  service server{2};
  const std::string far = server.key_of(1);
  CHECK(server.send(request({"SET", far, "v"}) + request({"GET", far})) == "+OK\r\n$1\r\nv\r\n");
  CHECK(std::count(server.pauses.begin(), server.pauses.end(), reason::finish_writes) == 1);
}

TEST_CASE("a read of another key does not wait") {
  service server{2};
  const std::string far = server.key_of(1);
  const std::string near = server.key_of(0);
  const std::string other = server.key_of(1, 1);
  server.send(request({"SET", far, "v"}) + request({"GET", near}) + request({"GET", other}));
  CHECK(server.pauses.size() == 1);
  CHECK(server.pauses[0] == reason::need_input);
}

TEST_CASE("any core reads what another core owns without asking it") {
  service server{3};
  std::string input;
  for (unsigned i = 0; i < 3; ++i) input += request({"SET", server.key_of(i), std::to_string(i)});
  server.send(input);
  server.pauses.clear();
  std::string replies;
  for (unsigned i = 0; i < 3; ++i) replies += server.send(request({"GET", server.key_of(i)}));
  CHECK(replies == "$1\r\n0\r\n$1\r\n1\r\n$1\r\n2\r\n");
  CHECK(std::all_of(server.pauses.begin(), server.pauses.end(),
                    [](reason each) { return each == reason::need_input; }));
}

TEST_CASE("writes of several keys reach every owner") {
  service server{4};
  std::vector<std::string> set{"MSET"};
  std::vector<std::string> get{"MGET"};
  std::vector<std::string> remove{"DEL"};
  for (unsigned i = 0; i < 4; ++i) {
    set.insert(set.end(), {server.key_of(i), std::to_string(i)});
    get.push_back(server.key_of(i));
    remove.push_back(server.key_of(i));
  }
  remove.push_back("absent");
  CHECK(server.send(request(set) + request(get) + request(remove) + request(get)) ==
        "+OK\r\n*4\r\n$1\r\n0\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n:4\r\n"
        "*4\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n");
}

TEST_CASE("commands about all keys come behind the writes before them and see every core") {
  service server{2};
  const std::string input = request({"SET", server.key_of(1), "v"}) + request({"DBSIZE"}) +
                            request({"KEYS", "nothing*"}) + request({"FLUSHALL"}) +
                            request({"DBSIZE"});
  CHECK(server.send(input) == "+OK\r\n:1\r\n*0\r\n+OK\r\n:0\r\n");
}

TEST_CASE("a pipeline of more writes than a round holds loses none") {
  service server{2};
  std::string input;
  std::string expected;
  for (int i = 0; i < 10'000; ++i) {
    input += request({"APPEND", server.key_of(1), "x"});
    expected += ":" + std::to_string(i + 1) + "\r\n";
  }
  CHECK(server.send(input) == expected);
}

TEST_CASE("inline writes to other cores keep their words until they are executed") {
  service server{2};
  const std::string a = server.key_of(1, 1);
  const std::string b = server.key_of(1, 2);
  CHECK(server.send("set " + a + " one\r\nset " + b + " 'tw o'\r\nget " + a + "\r\nget " + b +
                    "\r\n") == "+OK\r\n+OK\r\n$3\r\none\r\n$4\r\ntw o\r\n");
}

TEST_CASE("a broken request is answered behind those before it, and ends the connection") {
  service server{2};
  CHECK(server.send(request({"SET", server.key_of(1), "v"}) + "*1\r\n$-1\r\n" + "PING\r\n") ==
        "+OK\r\n-ERR Protocol error: invalid bulk length\r\n");
  CHECK(server.closed);
}

TEST_CASE("QUIT is answered and nothing behind it") {
  service server{1};
  CHECK(server.send("QUIT\r\nPING\r\n") == "+OK\r\n");
  CHECK(server.closed);
}

TEST_CASE("the lines that a web page can send end the connection without a reply") {
  service server{1};
  CHECK(server.send("POST / HTTP/1.1\r\n") == "");
  CHECK(server.closed);
}

TEST_CASE("a request that is not complete stays") {
  service server{1};
  CHECK(server.send("PING\r\n*2\r\n$3\r\nGET\r\n$1") == "+PONG\r\n");
  CHECK(server.left == "*2\r\n$3\r\nGET\r\n$1");
  CHECK(server.send("*2\r\n$3\r\nGET\r\n$1\r\na\r\n") == "$-1\r\n");
}

TEST_CASE("large replies leave before more requests are executed") {
  service server{1};
  server.send(request({"SET", "big", std::string(100'000, 'x')}));
  server.pauses.clear();
  std::string input;
  for (int i = 0; i < 10; ++i) input += request({"GET", "big"});
  CHECK(server.send(input).size() == 10 * (100'000 + 11));
  CHECK(std::count(server.pauses.begin(), server.pauses.end(), reason::send) == 4);
}

TEST_CASE("replies of other cores gathered without bound before they left") {
  service server{2};
  const std::string far = server.key_of(1);
  const std::string other = server.key_of(1, 1);
  const std::string value(256 << 10, 'x');
  server.send(request({"SET", far, value}));
  for (const auto& words : {std::vector<std::string>{"SET", far, "y", "NX", "GET"},
                            std::vector<std::string>{"GETSET", far, value}}) {
    std::string input;
    for (int i = 0; i < 100; ++i) input += request(words) + request({"SET", other, "v"});
    CHECK(server.send(input).size() == 100 * (value.size() + 11 + 5));
    CHECK(server.most_output < 4 * value.size());
  }
}

TEST_CASE("a request that is cut behind large replies is read on from its beginning") {
  service server{1};
  server.send(request({"SET", "big", std::string(100'000, 'x')}));
  std::string input;
  for (int i = 0; i < 10; ++i) input += request({"GET", "big"});
  const std::string last = request({"SET", "last", "v"});
  CHECK(server.send(input + last.substr(0, 12)).size() == 10 * (100'000 + 11));
  CHECK(server.left == last.substr(0, 12));
  CHECK(server.send(last) == "+OK\r\n");
}

TEST_CASE("every session has a number, a name, and a line in CLIENT LIST") {
  service server{2};
  CHECK(server.send("CLIENT ID\r\nCLIENT GETNAME\r\nCLIENT SETNAME me\r\nCLIENT GETNAME\r\n") ==
        ":1\r\n$-1\r\n+OK\r\n$2\r\nme\r\n");
  CHECK(server.send("CLIENT LIST\r\n").find("id=1 addr=127.0.0.1:1") != std::string::npos);
  CHECK(server.send("RESET\r\nCLIENT GETNAME\r\n") == "+RESET\r\n$-1\r\n");
}

TEST_CASE("a SCAN went on by a cursor that makes steps small for as long as it liked") {
  service server{1};
  constexpr std::uint64_t small = std::uint64_t{38} << 16;  // 2^38 blocks
  constexpr std::uint64_t block = std::uint64_t{1} << 26;
  const std::string reply =
      server.send(request({"SCAN", std::to_string(block | small), "COUNT", "10000"}));
  const std::size_t at = reply.find("\r\n", 4) + 2;
  const std::uint64_t next = std::stoull(reply.substr(at));
  CHECK(next / block <= 10'000);
}
