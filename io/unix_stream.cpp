// SPDX-License-Identifier: MIT
#include "unix_stream.hpp"

#include <utility>

#include "opened_elsewhere.hpp"
#include "socket_options.hpp"

namespace lull {

result<unix_stream> unix_stream::of(lull::descriptor connected) {
  const auto taken = detail::take_connection<unix_address>(std::move(connected), "unix_stream::of");
  if (!taken) return taken.why();
  return unix_stream(*taken);
}

result<unix_address> unix_stream::local() const noexcept {
  return detail::local_name<unix_address>(state());
}

}  // namespace lull
