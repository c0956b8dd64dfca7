// SPDX-License-Identifier: MIT
#include "name_answer.hpp"

#include <netdb.h>

#include <cerrno>
#include <memory>

namespace lull {
namespace {

struct free_addresses {
  void operator()(addrinfo* first) const noexcept { ::freeaddrinfo(first); }
};

name_answer no_answer(int code, int system_error) {
  switch (code) {
    case EAI_NONAME:
      return {{},
              ENXIO,
              "nobody knows the name; check its spelling, /etc/hosts, and the servers and domains "
              "in /etc/resolv.conf"};
    case EAI_NODATA:
    case EAI_ADDRFAMILY:
      return {{}, ENODATA, "the name is known, but has no address; check what it is meant to be"};
    case EAI_AGAIN:
      return {{},
              EAGAIN,
              "no name server has answered; check the network and the servers in "
              "/etc/resolv.conf, and try again"};
    case EAI_FAIL:
      return {{},
              EPROTO,
              "the name server refuses to answer; check the servers in /etc/resolv.conf, and its "
              "own messages"};
    case EAI_MEMORY:
      return {{}, ENOMEM, nullptr};
    case EAI_SYSTEM:
      return {{}, system_error != 0 ? system_error : EIO, nullptr};
    default:
      return {{}, EINVAL, "the system takes it for no name; check its spelling"};
  }
}

}  // namespace

name_answer look_up_name(const std::string& name) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;  // each address once
  addrinfo* first = nullptr;
  errno = 0;
  const int code = ::getaddrinfo(name.c_str(), nullptr, &wanted, &first);
  if (code != 0) return no_answer(code, errno);
  const std::unique_ptr<addrinfo, free_addresses> owner(first);
  name_answer found;
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    if (const address known = address::from(one->ai_addr, one->ai_addrlen)) {
      found.addresses.push_back(known);
    }
  }
  return found.addresses.empty() ? no_answer(EAI_NODATA, 0) : found;
}

}  // namespace lull
