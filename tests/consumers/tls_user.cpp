// SPDX-License-Identifier: MIT

// A program outside the tree that uses lull-tls: its client meets a service that speaks no TLS. The
// tests build it by pkg-config and as a Meson superproject.

#include <lull/lull.hpp>
#include <lull/tls/tls.hpp>

#include <cstdio>
#include <string>
#include <utility>

namespace {

std::string said;

lull::task<> meet() {
  auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
  auto connection = co_await lull::connect(listener.local());
  auto service = co_await listener.accept();
  auto greeting = co_await service->send_all("220 at your service\r\n");
  auto securing = lull::tls_connect(std::move(connection).value(),
                                    lull::tls_client({.verify = false}), "a.test");
  const auto secured = co_await std::move(securing);
  if (greeting) said = secured.message();
}

}  // namespace

int main() {
  const int status = lull::run({.cores = {0}}, meet);
  std::printf("status %d, said: %s\n", status, said.c_str());
  return status == 0 && said.find("is not TLS") != std::string::npos ? 0 : 1;
}
