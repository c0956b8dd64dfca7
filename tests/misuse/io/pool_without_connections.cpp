// SPDX-License-Identifier: MIT
// expect: a connection_pool was made that may have no connection
#include "connection.hpp"

void program() { const lull::connection_pool pool(lull::address::loopback(1), {.connections = 0}); }
