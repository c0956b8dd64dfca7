// SPDX-License-Identifier: MIT
// expect: tcp_listener::bind was called on a thread that is no core
#include <lull/lull.hpp>

int main() {
  const auto listener = lull::tcp_listener::bind(lull::address::loopback(0));
  return listener ? 0 : 1;
}
