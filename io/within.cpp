// SPDX-License-Identifier: MIT
#include "within.hpp"

namespace lull::detail {

failure out_of_time(failure why) noexcept {
  if (why.code != ECANCELED) return why;
  why.code = ETIMEDOUT;
  why.reason = "the time that it was given is over; give it more, or see what it waits for";
  return why;
}

}  // namespace lull::detail
