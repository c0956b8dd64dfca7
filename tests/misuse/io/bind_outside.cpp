// SPDX-License-Identifier: MIT
// expect: tcp_listener::bind was called on a thread that is no core
#include <lull/lull.hpp>

void program() { static_cast<void>(lull::tcp_listener::bind(lull::address::loopback(0))); }
