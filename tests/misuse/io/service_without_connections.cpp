// SPDX-License-Identifier: MIT
// expect: a service was made that may have no connection
#include "connection.hpp"

void program() { const lull::service of({.connections = 0}); }
