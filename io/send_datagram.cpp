// SPDX-License-Identifier: MIT
#include "send_datagram.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>

#include <cstdint>
#include <cstring>

#include "message_control.hpp"

namespace lull::detail {

void send_datagram::prepare(submission entry) noexcept {
  part_ = {const_cast<std::byte*>(bytes_.data()), bytes_.size()};
  message_.msg_iov = &part_;
  message_.msg_iovlen = 1;
  if (to_) {
    message_.msg_name = const_cast<sockaddr*>(to_.data());
    message_.msg_namelen = to_.size();
  }
  control_writer control(control_);
  if (options_.segment_size != 0 && options_.segment_size < bytes_.size()) {
    control.add(SOL_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(options_.segment_size));
  }
  add_way(control);
  if (control.bytes() != 0) {
    message_.msg_control = control_;
    message_.msg_controllen = control.bytes();
  }
  entry.send_message(socket().descriptor(), &message_, MSG_NOSIGNAL);
}

// From which address, and by which interface; the kernel chooses what is not said.
void send_datagram::add_way(control_writer& control) const noexcept {
  const address& source = options_.source;
  if (!source && options_.interface == 0) return;
  const bool over_v6 = static_cast<const datagram_state&>(socket()).is_v6();
  if (source ? source.is_v4() : !over_v6) {
    in_pktinfo from{};
    from.ipi_ifindex = static_cast<int>(options_.interface);
    if (source) {
      std::memcpy(&from.ipi_spec_dst,
                  &reinterpret_cast<const sockaddr_in*>(source.data())->sin_addr,
                  sizeof(from.ipi_spec_dst));
    }
    control.add(IPPROTO_IP, IP_PKTINFO, from);
  } else {
    in6_pktinfo from{};
    from.ipi6_ifindex = options_.interface;
    if (source) {
      std::memcpy(&from.ipi6_addr, &reinterpret_cast<const sockaddr_in6*>(source.data())->sin6_addr,
                  sizeof(from.ipi6_addr));
    }
    control.add(IPPROTO_IPV6, IPV6_PKTINFO, from);
  }
}

}  // namespace lull::detail
