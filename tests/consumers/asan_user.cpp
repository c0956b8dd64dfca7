// SPDX-License-Identifier: MIT

// A program that is built with AddressSanitizer, over a library that is not. What the program
// allocates from the core's frames the library gives back, and the reverse.

#include <lull/lull.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace {

lull::task<std::string> echo_of(lull::tcp_stream& stream, std::string text) {
  lull::buffered_writer writer(stream);
  lull::buffered_reader reader(stream);
  const auto wrote = co_await writer.write(text + "\n");
  if (!wrote) co_return "";
  const auto flushed = co_await writer.flush();
  if (!flushed) co_return "";
  auto line = co_await reader.read_line();
  co_return line ? std::string(line->text()) : "";
}

lull::task<> answer(lull::tcp_listener* listener) {
  auto accepted = co_await listener->accept();
  lull::tcp_stream stream = std::move(accepted).value();
  for (;;) {
    auto got = co_await stream.receive();
    if (!got || got->bytes().empty()) co_return;
    const auto sent = co_await stream.send_all(got->bytes());
    if (!sent) co_return;
  }
}

lull::task<> work(bool* right) {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
  lull::scope all;
  all.spawn(answer, &listener);
  {
    auto connected = co_await lull::connect(listener.local());
    lull::tcp_stream stream = std::move(connected).value();
    auto asking = echo_of(stream, "hello");
    const auto echoed = co_await lull::timeout(std::chrono::seconds(10), std::move(asking));
    *right = echoed && *echoed == "hello";
  }
  co_await all.join();
}

}  // namespace

int main() {
  bool right = false;
  const int status = lull::run({.cores = {0}}, [&]() { return work(&right); });
  return status == 0 && right ? 0 : 1;
}
