// SPDX-License-Identifier: MIT
#include "io_core.hpp"

#include "../base/assert.hpp"
#include "resolver.hpp"

namespace lull {

void detail::io_core::make(core_context& home) {
  home.io = new io_core(home);
  home.io_end = &io_core::end;
  home.io_hurry = &io_core::hurry;
}

void detail::io_core::hurry(core_context& home) noexcept {
  static_cast<io_core*>(home.io)->closing.for_each([](unconfirmed& one) { one.hurry(); });
}

void detail::io_core::end(core_context& home) noexcept {
  delete static_cast<io_core*>(home.io);
  home.io = nullptr;
}

detail::io_core::io_core(core_context& on) noexcept : home(on) {}

detail::io_core::~io_core() {
  LULL_ASSERT(statistics.sockets == 0,
              "core %u ended with %llu sockets that somebody still owns; let streams and listeners "
              "go before the tasks of their core end",
              home.index, static_cast<unsigned long long>(statistics.sockets));
  LULL_ASSERT(
      statistics.files == 0,
      "core %u ended with %llu files that somebody still owns; let files go before the tasks "
      "of their core end",
      home.index, static_cast<unsigned long long>(statistics.files));
  LULL_ASSERT(statistics.registered_buffers == 0,
              "core %u ended with %llu registered_buffers that somebody still owns; let them go "
              "before the tasks of their core end",
              home.index, static_cast<unsigned long long>(statistics.registered_buffers));
  LULL_ASSERT(statistics.processes == 0,
              "core %u ended with %llu processes that somebody still owns; let them go before the "
              "tasks of their core end",
              home.index, static_cast<unsigned long long>(statistics.processes));
}

io_statistics io_here() {
  return detail::io_core::of(detail::this_context("io_here()")).statistics;
}

void choose_buffers(const buffer_options& options) {
  auto& here = detail::io_core::of(detail::this_context("choose_buffers()"));
  LULL_ASSERT(!here.has_buffers(),
              "the buffers of core %u were chosen after its first receive; choose them before",
              here.home.index);
  here.options = options;
}

void choose_datagram_buffers(const buffer_options& options) {
  auto& here = detail::io_core::of(detail::this_context("choose_datagram_buffers()"));
  LULL_ASSERT(!here.has_datagram_buffers(),
              "the datagram buffers of core %u were chosen after its first receive of datagrams; "
              "choose them before",
              here.home.index);
  LULL_ASSERT(options.bytes == 0 || options.bytes >= 256,
              "datagram buffers of %zu bytes were chosen, of which 112 are for what is known "
              "of a datagram; choose at least 256",
              options.bytes);
  here.datagram_options = options;
}

}  // namespace lull
