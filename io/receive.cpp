// SPDX-License-Identifier: MIT
#include "receive.hpp"

namespace lull::detail {

result<std::size_t> receive_into::copy() noexcept {
  if (const int code = end_of_news()) return failed(code);
  return socket().copy_to(into_);
}

}  // namespace lull::detail
