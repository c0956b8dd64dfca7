// SPDX-License-Identifier: MIT
#include "resolver.hpp"

#include <utility>

#include "../base/assert.hpp"
#include "io_core.hpp"
#include "system_resolver.hpp"

namespace lull {

void choose_resolver(std::unique_ptr<resolver> chosen) {
  auto& here = detail::io_core::of(detail::this_context("choose_resolver()"));
  LULL_ASSERT(here.names == nullptr,
              "the resolver of core %u was chosen after it was asked; choose it before",
              here.home.index);
  here.names = std::move(chosen);
}

task<result<std::vector<address>>> resolve(std::string name, std::uint16_t port) {
  auto& here = detail::io_core::of(detail::this_context("resolve()"));
  if (here.names == nullptr) here.names = std::make_unique<system_resolver>();
  auto asking = here.names->resolve(std::move(name), port);
  co_return co_await std::move(asking);
}

}  // namespace lull
