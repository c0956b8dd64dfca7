// SPDX-License-Identifier: MIT
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <limits>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "session_fixture.hpp"

using kv_test::request;
using kv_test::service;

namespace {

// Sends requests one by one, each with the reply that must come.
struct line {
  const char* request;
  const char* reply;
};

void talk(service& server, const std::vector<line>& lines) {
  for (const line& each : lines) {
    INFO(each.request);
    CHECK(server.send(std::string{each.request} + "\r\n") == std::string{each.reply} + "\r\n");
  }
}

constexpr const char* no_integer = "-ERR value is not an integer or out of range";

}  // namespace

TEST_CASE("SET takes each of its options, and refuses those that contradict each other") {
  service server{1};
  talk(server, {{"SET a 1 XX", "$-1"},
                {"SET a 1 NX", "+OK"},
                {"SET a 2 NX", "$-1"},
                {"SET a 2 XX GET", "$1\r\n1"},
                {"SET a 3 EX 10", "+OK"},
                {"SET a 4 KEEPTTL", "+OK"},
                {"TTL a", ":10"},
                {"SET a 5", "+OK"},
                {"TTL a", ":-1"},
                {"SET a 6 pxat 1000000005000", "+OK"},
                {"PTTL a", ":5000"},
                {"SET a 6 NX XX", "-ERR syntax error"},
                {"SET a 6 EX 1 PX 1", "-ERR syntax error"},
                {"SET a 6 EX 1 KEEPTTL", "-ERR syntax error"},
                {"SET a 6 EX", "-ERR syntax error"},
                {"SET a 6 EX x", no_integer},
                {"SET a 6 EX 0", "-ERR invalid expire time in 'set' command"},
                {"SET a 6 EX 9223372036854775807", "-ERR invalid expire time in 'set' command"},
                {"SET a 6 PX 9223372036854775807", "-ERR invalid expire time in 'set' command"},
                {"SET a", "-ERR wrong number of arguments for 'set' command"}});
}

TEST_CASE("numbers are counted up and down within 64 bits") {
  service server{1};
  talk(server, {{"INCR n", ":1"},
                {"INCRBY n 41", ":42"},
                {"DECR n", ":41"},
                {"DECRBY n 50", ":-9"},
                {"INCRBY n x", no_integer},
                {"SET n 9223372036854775807", "+OK"},
                {"INCR n", "-ERR increment or decrement would overflow"},
                {"DECRBY n -9223372036854775808", "-ERR decrement would overflow"},
                {"SET n 007", "+OK"},
                {"INCR n", no_integer}});
}

TEST_CASE("counting and appending keep the expiry, setting anew drops it") {
  service server{1};
  talk(server, {{"SETEX n 100 1", "+OK"},
                {"INCR n", ":2"},
                {"APPEND n 3", ":2"},
                {"TTL n", ":100"},
                {"GETSET n 5", "$2\r\n23"},
                {"TTL n", ":-1"},
                {"STRLEN n", ":1"},
                {"GETDEL n", "$1\r\n5"},
                {"EXISTS n n", ":0"},
                {"APPEND n abc", ":3"},
                {"SETNX n x", ":0"},
                {"SETNX m x", ":1"},
                {"EXISTS n m n", ":3"},
                {"TYPE n", "+string"},
                {"TYPE o", "+none"}});
}

TEST_CASE("an expired key is absent for reads and for writes, and is counted out") {
  service server{2};
  const std::string key = server.key_of(1);
  const std::string near = server.key_of(0);
  CHECK(server.send("SET " + key + " v PX 100\r\nSET " + near + " v PX 100\r\n") ==
        "+OK\r\n+OK\r\n");
  server.advance(100);
  CHECK(server.send("GET " + key + "\r\nPTTL " + key + "\r\n") == "$1\r\nv\r\n:0\r\n");
  server.advance(1);
  CHECK(server.send("GET " + key + "\r\nTTL " + key + "\r\n") == "$-1\r\n:-2\r\n");
  CHECK(server.send("DBSIZE\r\n") == ":2\r\n");
  CHECK(server.send("SETNX " + key + " w\r\nTTL " + key + "\r\n") == ":1\r\n:-1\r\n");
  server.core(0).own().expire_some(1'000'000, server.core(0).now_ms);
  CHECK(server.send("DBSIZE\r\n") == ":1\r\n");
  CHECK(server.keys().expired_keys() == 2);
  CHECK(server.keys().volatile_keys() == 0);
}

TEST_CASE("EXPIRE moves the expiry under the conditions it knows") {
  service server{1};
  talk(server, {{"EXPIRE a 10", ":0"},
                {"SET a v", "+OK"},
                {"EXPIRE a 10 XX", ":0"},
                {"EXPIRE a 10 GT", ":0"},
                {"EXPIRE a 10 NX", ":1"},
                {"EXPIRE a 20 NX", ":0"},
                {"EXPIRE a 20 LT", ":0"},
                {"EXPIRE a 20 GT", ":1"},
                {"TTL a", ":20"},
                {"PEXPIRE a 1500", ":1"},
                {"TTL a", ":2"},
                {"PERSIST a", ":1"},
                {"PERSIST a", ":0"},
                {"EXPIRE a 10 NX GT",
                 "-ERR NX and XX, GT or LT options at the same time are not compatible"},
                {"EXPIRE a 10 GT LT", "-ERR GT and LT options at the same time are not compatible"},
                {"EXPIRE a 10 huh", "-ERR Unsupported option huh"},
                {"EXPIRE a x", no_integer},
                {"EXPIRE a 9223372036854775807", "-ERR invalid expire time in 'expire' command"},
                {"EXPIREAT a 2000000000", ":1"},
                {"TTL a", ":1000000000"},
                {"EXPIRE a -1", ":1"},
                {"EXISTS a", ":0"}});
}

TEST_CASE("SCAN and KEYS find every key of every core") {
  service server{3};
  std::set<std::string> all;
  for (int i = 0; i < 2000; ++i) {
    const std::string key = "key:" + std::to_string(i);
    all.insert(key);
    server.send(request({"SET", key, "v"}));
  }
  server.send(request({"SET", "other", "v"}));
  std::set<std::string> found;
  std::string cursor = "0";
  int calls = 0;
  do {
    const std::string reply =
        server.send(request({"SCAN", cursor, "MATCH", "key:*", "COUNT", "100"}));
    const auto begin = reply.find("\r\n", 4) + 2;
    cursor = reply.substr(begin, reply.find("\r\n", begin) - begin);
    for (auto at = reply.find("key:"); at != std::string::npos; at = reply.find("key:", at + 1)) {
      found.insert(reply.substr(at, reply.find("\r\n", at) - at));
    }
    REQUIRE(++calls < 10'000);
  } while (cursor != "0");
  CHECK(found == all);
  CHECK(server.send(request({"KEYS", "key:*"})).starts_with("*2000\r\n"));
  CHECK(server.send(request({"KEYS", "o*r"})) == "*1\r\n$5\r\nother\r\n");
  talk(server, {{"SCAN x", "-ERR invalid cursor"},
                {"SCAN 0 COUNT 0", "-ERR syntax error"},
                {"SCAN 0 COUNT x", no_integer},
                {"SCAN 0 MATCH", "-ERR syntax error"},
                {"SCAN 0 huh 1", "-ERR syntax error"},
                {"SCAN 65535", "*2\r\n$1\r\n0\r\n*0"}});
}

TEST_CASE(
    "KEYS and SCAN with a pattern that begins a match at every byte of a long key stood still") {
  service server{1};
  server.send(request({"SET", std::string(20'000, 'a'), "v"}));
  const std::string pattern = "*" + std::string(10'000, 'a') + "b";
  const std::string refused =
      "-ERR the pattern takes too many steps for one of the keys; use fewer stars and shorter "
      "classes\r\n";
  CHECK(server.send(request({"KEYS", pattern})) == refused);
  CHECK(server.send(request({"SCAN", "0", "MATCH", pattern, "COUNT", "1000"})) == refused);
  CHECK(server.send(request({"KEYS", "*b"})) == "*0\r\n");
}

TEST_CASE("a walk over all keys is cut into more steps where the pattern takes many") {
  service server{1};
  for (int i = 0; i < 500; ++i) {
    server.send(request({"SET", std::string(200, 'a') + std::to_string(i), "v"}));
  }
  const auto steps_of = [&](std::string_view pattern) {
    kv::key_walk walk{pattern};
    int steps = 1;
    while (walk.step(server.core(0))) ++steps;
    kv::byte_buffer output;
    walk.finish(output);
    CHECK(output.view() == "*0\r\n");
    return steps;
  };
  CHECK(steps_of("b*") == 1);
  CHECK(steps_of("*" + std::string(50, 'a') + "b") > 10);
}

TEST_CASE(
    "commands that need memory are refused at the limit, and those that give it back are not") {
  kv::server_limits limits;
  limits.memory = 10'000;
  service server{2, limits};
  for (unsigned core = 0; core < 2; ++core) {
    server.send(request({"SET", server.key_of(core), std::string(6'000, 'x')}));
  }
  const std::string key = server.key_of(1);
  const std::string full = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
  CHECK(server.send(request({"SET", key, "v"})) == full);
  CHECK(server.send(request({"MSET", key, "v", server.key_of(0), "v"})) == full);
  CHECK(server.send(request({"STRLEN", key})) == ":6000\r\n");
  CHECK(server.send(request({"DEL", key, server.key_of(0)})) == ":2\r\n");
  CHECK(server.keys().used_bytes() == 0);
  CHECK(server.send(request({"SET", key, "v"})) == "+OK\r\n");
}

TEST_CASE("APPEND does not grow a value beyond what a request could send") {
  kv::server_limits limits;
  limits.request.bulk_size = 10;
  service server{1, limits};
  talk(server, {{"APPEND a 0123456789", ":10"},
                {"APPEND a 0", "-ERR string exceeds maximum allowed size (proto-max-bulk-len)"}});
}

TEST_CASE("refusals are worded as redis words them") {
  service server{1};
  talk(server,
       {{"foo bar 'a b'", "-ERR unknown command 'foo', with args beginning with: 'bar' 'a b' "},
        {"foo", "-ERR unknown command 'foo', with args beginning with: "},
        {"GET", "-ERR wrong number of arguments for 'get' command"},
        {"MSET a b c", "-ERR wrong number of arguments for 'mset' command"},
        {"PING a b", "-ERR wrong number of arguments for 'ping' command"},
        {"CLIENT GETNAME x", "-ERR wrong number of arguments for 'client|getname' command"},
        {"CLIENT huh", "-ERR unknown subcommand 'huh'. Try CLIENT HELP."},
        {"CONFIG huh", "-ERR unknown subcommand 'huh'. Try CONFIG HELP."},
        {"CLIENT SETNAME 'a b'",
         "-ERR Client names cannot contain spaces, newlines or special characters."},
        {"HELLO 3", "-NOPROTO unsupported protocol version"},
        {"HELLO x", "-ERR Protocol version is not an integer or out of range"},
        {"HELLO 2 huh", "-ERR Syntax error in HELLO option 'huh'"},
        {"SELECT 0", "+OK"},
        {"SELECT 1", "-ERR DB index is out of range"},
        {"SELECT x", no_integer},
        {"FLUSHALL huh", "-ERR syntax error"},
        {"FLUSHALL ASYNC", "+OK"}});
}

TEST_CASE("what clients ask at their start is answered") {
  service server{1};
  CHECK(server.send("HELLO 2\r\n").starts_with("*14\r\n$6\r\nserver\r\n"));
  CHECK(server.send("COMMAND COUNT\r\n").starts_with(":"));
  CHECK(server.send("COMMAND\r\n").starts_with("*"));
  CHECK(server.send("COMMAND DOCS\r\n").starts_with("*"));
  CHECK(server.send("COMMAND INFO huh\r\n") == "*1\r\n$-1\r\n");
  CHECK(server.send("CONFIG GET save\r\n") == "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
  CHECK(server.send("CONFIG GET huh\r\n") == "*0\r\n");
  CHECK(server.send("INFO keyspace\r\n") == "$12\r\n# Keyspace\r\n\r\n");
  CHECK(server.send("INFO\r\n").find("redis_version:") != std::string::npos);
}

// The owner moves the expiry of a key that is always there, while another core asks for it.
TEST_CASE("PTTL gave 0 for a key that lost its expiry while it was read") {
  lull::domain domain;
  lull::participant owner(domain);
  kv::store keys;
  const kv::key_hash hash;
  const std::int64_t now_ms = 1'000'000'000'000;
  const kv::hashed_key key{"k", hash("k")};
  keys.put(key, kv::bytes{"v"}, kv::never);
  std::atomic<bool> done{false};
  int wrong = 0;
  std::thread reader([&] {
    lull::participant me(domain);
    kv::byte_buffer output;
    kv::reply out{output};
    // Until it has seen the owner at work often enough, or long enough where there is one
    // processor.
    bool expired_before = false;
    for (int i = 0, seen = 0; seen < 20'000 && i < 3'000'000; ++i) {
      output.clear();
      kv::answer_read(kv::command::pttl, keys.find(key, now_ms), now_ms, out);
      if (output.view() != ":-1\r\n" && output.view() != ":5000\r\n") ++wrong;
      const bool expires = output.view() != ":-1\r\n";
      seen += expires != expired_before ? 1 : 0;
      expired_before = expires;
      if (i % 1024 == 0) me.quiescent();
    }
    done.store(true, std::memory_order_relaxed);
  });
  for (bool expires = true; !done.load(std::memory_order_relaxed); expires = !expires) {
    keys.expire_at(*keys.find_own(key, now_ms), expires ? now_ms + 5'000 : kv::never);
  }
  reader.join();
  CHECK(wrong == 0);
}
