// SPDX-License-Identifier: MIT
#include "load_protocol.hpp"

#include <stdexcept>

namespace lull::bench {
namespace {

constexpr std::size_t key_count = 1024;
constexpr std::size_t exchange_count = 128;

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
  exchange (*make)(std::size_t, std::size_t) = nullptr;
  if (name == "echo") make = echo_exchange;
  if (name == "get") make = get_exchange;
  if (name == "set") make = set_exchange;
  if (make == nullptr) {
    throw std::invalid_argument("the load client does not speak '" + name +
                                "': --protocol is one of echo, get, set");
  }
  script result;
  result.requests_each = batch;
  if (name == "get") {
    for (std::size_t i = 0; i < key_count; ++i) {
      result.preparation.push_back(set_exchange(i, bytes));
    }
  }
  for (std::size_t i = 0; i < exchange_count; ++i) {
    exchange whole;
    for (std::size_t j = 0; j < batch; ++j) {
      const exchange one = make((i * batch + j) * 7 % key_count, bytes);
      whole.request += one.request;
      whole.reply += one.reply;
    }
    result.exchanges.push_back(whole);
  }
  return result;
}

}  // namespace lull::bench
