// SPDX-License-Identifier: MIT
#include "descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "failure.hpp"

namespace lull {

std::size_t descriptors_allowed() noexcept {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

result<void> allow_descriptors(std::size_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return {};
  const rlimit raised{count, std::max<rlim_t>(limit.rlim_max, count)};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return {};
  const int code = errno;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return failure(code, "allow", path_text(std::to_string(count) + " descriptors"),
                 "the hard limit is lower, and this process may not raise it; raise it with "
                 "'ulimit -Hn' or LimitNOFILE= in a systemd unit, and beyond a million with "
                 "'sysctl fs.nr_open', or allow fewer connections");
}

}  // namespace lull
