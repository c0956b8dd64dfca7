// SPDX-License-Identifier: MIT
#include "port_claim.hpp"

#include <sys/socket.h>

#include <array>
#include <mutex>

#include "../ring/kernel.hpp"
#include "socket_options.hpp"

namespace lull::detail {
namespace {

constinit std::mutex claiming;
constinit std::array<std::uint32_t, 65536> listeners_of{};  // by port

}  // namespace

port_claim::~port_claim() {
  if (port_ == 0) return;
  const std::scoped_lock lock(claiming);
  --listeners_of[port_];
}

int port_claim::listen(kernel& seam, int descriptor, const address& local, int backlog) noexcept {
  const auto share = [&] { return set_flag(seam, descriptor, SOL_SOCKET, SO_REUSEPORT); };
  const std::scoped_lock lock(claiming);
  const bool ours = listeners_of[local.port()] != 0;
  int code = ours ? share() : 0;
  if (code >= 0) code = seam.bind(descriptor, local.data(), local.size());
  // Of two programs that bind at the same moment the second finds out by this.
  if (code >= 0) code = seam.listen(descriptor, backlog);
  if (code >= 0 && !ours) code = share();
  if (code < 0) return code;
  port_ = local_name(seam, descriptor, local).port();
  if (port_ != 0) ++listeners_of[port_];
  return code;
}

}  // namespace lull::detail
