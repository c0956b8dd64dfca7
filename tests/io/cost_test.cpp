// SPDX-License-Identifier: MIT
// What a request and an idle connection cost, in counts.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <lull/io/connect.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/scope.hpp>
#include <new>

#include "echo_service.hpp"
#include "on_core.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

TEST_CASE("a connection without traffic takes little memory") {
  CHECK(sizeof(lull::tcp_stream) == sizeof(void*));
  CHECK(sizeof(lull::detail::stream_state) <= 300);
  CHECK(sizeof(lull::received) <= 24);
}

#ifndef SANITIZED  // they bring an operator new of their own

namespace {

std::size_t allocations = 0;

void* counted(std::size_t bytes, std::size_t alignment) {
  ++allocations;
  void* const memory =
      std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes, 16); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

TEST_CASE("a request allocates nothing in the long run") {
  io_test::on_core([]() -> lull::task<> {
    auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
    lull::scope served;
    served.spawn(io_test::serve_echo, std::ref(listener), std::ref(served));
    auto stream = co_await lull::connect(listener.local());
    REQUIRE(stream);
    bool good = true;
    std::size_t before = 0;
    for (int i = 0; i < 2000 && good; ++i) {
      if (i == 1000) before = allocations;
      auto sent = co_await stream->send_all("a request");
      std::size_t bytes = 0;
      while (good && bytes < 9) {
        auto got = co_await stream->receive();
        good = sent && got && !got->empty();
        if (good) bytes += got->size();
      }
    }
    const std::size_t after = allocations;  // a CHECK allocates itself
    CHECK(good);
    CHECK(before > 0);
    CHECK(after - before == 0);
    co_await listener.close();
    co_await stream->close();
    co_await served.join();
  });
}

#endif
