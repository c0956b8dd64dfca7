// SPDX-License-Identifier: MIT
#include "unix_stream.hpp"

#include "socket_options.hpp"

namespace lull {

result<unix_address> unix_stream::local() const noexcept {
  return detail::local_name<unix_address>(state());
}

}  // namespace lull
