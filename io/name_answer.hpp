// SPDX-License-Identifier: MIT
#pragma once

// What was found out about a name: its addresses, or why there are none. A value; any thread.

#include <cstdint>
#include <string>
#include <vector>

#include "address.hpp"
#include "result.hpp"

namespace lull {

struct name_answer {
  std::vector<address> addresses;  // their port does not matter
  int error = 0;                   // an errno when there are none
  const char* reason = nullptr;    // cause and remedy, a literal, when the errno does not say it

  result<std::vector<address>> give(const std::string& name, std::uint16_t port) const {
    if (addresses.empty()) return failure(error, "resolve", path_text(name), reason);
    std::vector<address> all;
    all.reserve(addresses.size());
    for (const address& one : addresses) all.push_back(one.with_port(port));
    return all;
  }
};

// Asks the system: /etc/hosts, the name servers, whatever /etc/nsswitch.conf says. Both families,
// in the system's order. Blocks, for seconds when a server does not answer.
name_answer look_up_name(const std::string& name);

}  // namespace lull
