// SPDX-License-Identifier: MIT
// expect: a TLS stream without a connection was used (moved from, perhaps)
#include <lull/lull.hpp>
#include <lull/tls/tls.hpp>

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    lull::tls_stream none;
    auto receiving = none.receive();
    const auto got = co_await std::move(receiving);
    if (got) co_return;
  });
}
