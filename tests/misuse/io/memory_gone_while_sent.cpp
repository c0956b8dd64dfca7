// SPDX-License-Identifier: MIT
// expect: an operation met memory that is not there
#include <sys/mman.h>

#include "connection.hpp"

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    connection both = co_await connected();
    constexpr std::size_t bytes = 4096;
    void* const memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ::munmap(memory, bytes);
    const std::span<const std::byte> gone(static_cast<const std::byte*>(memory), bytes);
    auto sent = co_await both.near.send(gone);
  });
}
