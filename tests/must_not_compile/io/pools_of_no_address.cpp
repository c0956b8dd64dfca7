// SPDX-License-Identifier: MIT
// expect: a connection_pool is made for an address: address::of("127.0.0.1:80"), a unix_address
#include <lull/lull.hpp>

void makes_a_pool_of_text() { lull::connection_pool pool("127.0.0.1:80"); }
