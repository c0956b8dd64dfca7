// SPDX-License-Identifier: MIT
#include "connect_by_name.hpp"

#include <utility>

#include "../base/assert.hpp"
#include "../sched/timeout.hpp"
#include "connect.hpp"
#include "resolver.hpp"

namespace lull {

task<result<tcp_stream>> connect(std::string name, std::uint16_t port, time_span each) {
  auto asking = resolve(std::move(name), port);
  const auto found = co_await std::move(asking);
  if (!found) co_return found.why();
  LULL_ASSERT(!found->empty(), "a resolver gave no address and no failure; it gives one of them");
  for (std::size_t i = 0; i + 1 < found->size(); ++i) {
    auto tried = co_await timeout(each, connect((*found)[i]));
    if (*tried) co_return std::move(*tried);
  }
  auto last = connect(found->back());
  co_return co_await last;
}

}  // namespace lull
