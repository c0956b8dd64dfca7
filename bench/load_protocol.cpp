// SPDX-License-Identifier: MIT
#include "load_protocol.hpp"

#include <stdexcept>

namespace lull::bench {
namespace {

// More than a cache near the core holds, so that a lookup costs what it costs a real service.
constexpr std::size_t key_count = 100'000;
constexpr std::size_t message_count = 128;  // different ones, where there are no keys

// Printable, and different for every seed, so that an answer to another question is noticed.
std::string text(std::size_t bytes, std::size_t seed) {
  std::string result = std::to_string(seed) + ":";
  std::size_t state = seed * 2654435761U + 1;
  while (result.size() < bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    result += static_cast<char>('a' + (state >> 33) % 26);
  }
  result.resize(bytes);
  return result;
}

std::string bulk(const std::string& value) {
  return "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
}

std::string key(std::size_t index) { return "lull:bench:" + std::to_string(100000 + index); }

using make_exchange = exchange (*)(std::size_t index, std::size_t bytes);

// `count` messages or a few more, each once, in an order that is not that of their numbers.
std::vector<exchange> batches(make_exchange make, std::size_t count, std::size_t batch,
                              std::size_t bytes) {
  constexpr std::size_t stride = 61'813;  // a prime that divides no count here
  std::vector<exchange> result((count + batch - 1) / batch);
  for (std::size_t i = 0; i < result.size() * batch; ++i) {
    const exchange one = make(i * stride % count, bytes);
    result[i / batch].request += one.request;
    result[i / batch].reply += one.reply;
  }
  return result;
}

exchange set_exchange(std::size_t index, std::size_t bytes) {
  return {"*3\r\n" + bulk("SET") + bulk(key(index)) + bulk(text(bytes, index)), "+OK\r\n"};
}

exchange get_exchange(std::size_t index, std::size_t bytes) {
  return {"*2\r\n" + bulk("GET") + bulk(key(index)), bulk(text(bytes, index))};
}

exchange echo_exchange(std::size_t index, std::size_t bytes) {
  return {text(bytes, index), text(bytes, index)};
}

}  // namespace

script make_script(const std::string& name, std::size_t bytes, std::size_t batch) {
  make_exchange make = nullptr;
  if (name == "echo") make = echo_exchange;
  if (name == "get") make = get_exchange;
  if (name == "set") make = set_exchange;
  if (make == nullptr) {
    throw std::invalid_argument("the load client does not speak '" + name +
                                "': --protocol is one of echo, get, set");
  }
  const std::size_t messages = name == "echo" ? message_count : key_count;
  script result;
  result.requests_each = batch;
  if (name == "get") result.preparation = batches(set_exchange, key_count, 100, bytes);
  result.exchanges = batches(make, messages, batch, bytes);
  return result;
}

}  // namespace lull::bench
