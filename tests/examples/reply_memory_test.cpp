// SPDX-License-Identifier: MIT
// Writes whose replies find no memory. The buffers of the server grow by realloc, which the linker
// hands to __wrap_realloc in this program, and which fails while a test says so.
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "../allocations.hpp"
#include "session_fixture.hpp"

namespace {

std::atomic<bool> no_realloc{false};

class denied_realloc {
 public:
  denied_realloc() noexcept { no_realloc.store(true, std::memory_order_relaxed); }
  ~denied_realloc() { no_realloc.store(false, std::memory_order_relaxed); }
  denied_realloc(const denied_realloc&) = delete;
  denied_realloc& operator=(const denied_realloc&) = delete;
};

// What is known of the key "k".
std::string what_is_stored(kv_test::service& server) {
  const kv::entry* const found =
      server.keys().of(0).find({"k", server.keys().hash("k")}, server.core(0).now_ms);
  if (found == nullptr) return "nothing";
  return std::string{found->value()} + ", until " + std::to_string(found->expire_at_ms());
}

// Executes a write whose reply has so much room before its buffer has to grow, which it cannot.
// Gives the reply, or nothing where there was no memory for any.
std::optional<std::string> write_with_room(kv_test::service& server, const std::string& request,
                                           std::size_t room) {
  kv::request_parser parser{kv::request_limits{}};
  REQUIRE(parser.parse(request.data(), request.data() + request.size()) ==
          kv::request_parser::outcome::request);
  kv::byte_buffer output;
  output.append(".");
  const std::size_t before = output.capacity() - room;
  output.append(std::string(before - 1, '.'));
  try {
    const denied_realloc none;
    kv::execute_write_or_refuse(kv::find_command(parser.words()[0]), parser.words(),
                                server.keys().hash("k"), server.core(0).writing(), output);
  } catch (const std::bad_alloc&) {
    return std::nullopt;
  }
  return std::string{output.view().substr(before)};
}

}  // namespace

extern "C" void* __real_realloc(void* old, std::size_t bytes);
extern "C" void* __wrap_realloc(void* old, std::size_t bytes) {
  return no_realloc.load(std::memory_order_relaxed) ? nullptr : __real_realloc(old, bytes);
}

TEST_CASE("a write was done and refused, where memory ran out for its reply") {
  const std::vector<std::vector<std::string>> writes = {{"SET", "k", "v"},
                                                        {"SET", "k", "v", "GET"},
                                                        {"SETEX", "k", "9", "v"},
                                                        {"SETNX", "k", "v"},
                                                        {"GETSET", "k", "v"},
                                                        {"GETDEL", "k"},
                                                        {"INCR", "k"},
                                                        {"APPEND", "k", "1"},
                                                        {"EXPIRE", "k", "9"},
                                                        {"EXPIRE", "k", "-1"},
                                                        {"PERSIST", "k"},
                                                        {"DEL", "k"},
                                                        {"SET", "k", "v", "PX", "9"}};
  for (const std::vector<std::string>& words : writes) {
    for (const std::size_t room : {0U, 4U, 30U, 63U, 64U, 200U}) {
      INFO(words[0] << " with room for " << room << " bytes");
      kv_test::service server{1};
      if (words[0] != "SETNX") server.send("SET k 12345678901234567 PX 5000\r\n");
      const std::string before = what_is_stored(server);
      const auto reply = write_with_room(server, kv_test::request(words), room);
      const bool refused = !reply || reply->starts_with("-OOM");
      CHECK((what_is_stored(server) == before) == refused);
      CHECK(refused == (room < kv::short_reply));
    }
  }
}

TEST_CASE("keys of one core were set and the MSET refused, where memory ran out for its reply") {
  kv_test::service server{1};
  kv::byte_buffer& output = server.session->output();
  output.append(".");
  output.append(std::string(output.capacity() - output.size() - 4, '.'));
  const std::string request = kv_test::request({"MSET", "k", "v", "other", "v"});
  bool refused = false;
  try {
    const denied_realloc none;
    const char* at = request.data();
    server.session->process(at, at + request.size());
  } catch (const std::bad_alloc&) {
    refused = true;
  }
  CHECK(refused);
  CHECK(server.keys().size() == 0);
}

TEST_CASE("keys that could not be removed for want of memory were counted out") {
  test::need_allocations();
  kv_test::service server{1};
  kv::store& keys = server.core(0).own();
  const std::int64_t now = server.core(0).now_ms;
  constexpr std::size_t count = 3'000;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string key = std::to_string(i);
    keys.put({key, server.keys().hash(key)}, kv::bytes{"v"}, now + (i % 2 == 0 ? 5'000 : 0));
  }
  const std::size_t each = keys.used_bytes() / count;
  std::size_t refused = 0;
  // In the second pass every other one has expired.
  for (const std::int64_t later : {0, 1}) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::string key = std::to_string(i);
      const test::failing_allocations none(0);
      try {
        keys.remove({key, server.keys().hash(key)}, now + later);
      } catch (const std::bad_alloc&) {
        ++refused;
      }
    }
  }
  CHECK(refused > 0);
  CHECK(keys.size() > 0);
  CHECK(keys.used_bytes() == keys.size() * each);
  CHECK(keys.volatile_keys() == keys.size());
}
