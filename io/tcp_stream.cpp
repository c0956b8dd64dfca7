// SPDX-License-Identifier: MIT
#include "tcp_stream.hpp"

#include <netinet/tcp.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "opened_elsewhere.hpp"
#include "socket_options.hpp"

namespace lull {
namespace {

// What is more than an option can say is the most, and what is less the least, for the kernel to
// take or refuse.
int as_option(long long value) noexcept {
  using range = std::numeric_limits<int>;
  return static_cast<int>(std::clamp<long long>(value, range::min(), range::max()));
}

}  // namespace

result<tcp_stream> tcp_stream::of(lull::descriptor connected) {
  const auto taken = detail::take_connection<address>(std::move(connected), "tcp_stream::of");
  if (!taken) return taken.why();
  tcp_stream stream(*taken);
  static_cast<void>(stream.no_delay(true));
  return stream;
}

result<address> tcp_stream::local() const noexcept { return detail::local_name<address>(state()); }

result<void> tcp_stream::no_delay(bool on) noexcept {
  return detail::set_option(state(), IPPROTO_TCP, TCP_NODELAY, on, "no_delay");
}

result<void> tcp_stream::keep_alive(const keep_alive_options& options) noexcept {
  const struct {
    int level, name;
    long long value;
  } all[] = {{IPPROTO_TCP, TCP_KEEPIDLE, options.idle.count()},
             {IPPROTO_TCP, TCP_KEEPINTVL, options.interval.count()},
             {IPPROTO_TCP, TCP_KEEPCNT, options.questions},
             {SOL_SOCKET, SO_KEEPALIVE, 1}};
  for (const auto& one : all) {
    const result<void> set =
        detail::set_option(state(), one.level, one.name, as_option(one.value), "keep_alive");
    if (!set) return set.why();
  }
  return {};
}

result<void> tcp_stream::confirm_within(std::chrono::milliseconds most) noexcept {
  return detail::set_option(state(), IPPROTO_TCP, TCP_USER_TIMEOUT, as_option(most.count()),
                            "confirm_within");
}

void tcp_stream::close_patience(std::chrono::milliseconds most) noexcept {
  state().set_close_patience(most);
}

result<void> tcp_stream::reset_on_close(bool on) noexcept {
  state().set_reset(on);
  const linger now{on ? 1 : 0, 0};
  return detail::set_option(state(), SOL_SOCKET, SO_LINGER, &now, sizeof(now), "reset_on_close");
}

}  // namespace lull
