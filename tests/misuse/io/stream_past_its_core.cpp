// SPDX-License-Identifier: MIT
// expect: let streams and listeners go before the tasks of their core end
#include "connection.hpp"

int main() {
  lull::tcp_stream kept;
  return lull::run({.cores = {0}}, [&]() -> lull::task<> {
    connection both = co_await connected();
    kept = std::move(both.near);
  });
}
