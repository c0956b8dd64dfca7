// SPDX-License-Identifier: MIT
#include <lull/tls/tls_client.hpp>

#include <openssl/ssl.h>

#include <string>

#include <catch2/catch_test_macros.hpp>

#include <lull/tls/limits.hpp>
#include <lull/tls/tls_contexts.hpp>

#include "../io/on_core.hpp"
#include "certificates.hpp"

namespace {

using session_owner = lull::detail::openssl_owner<ssl_session_st>;

}  // namespace

TEST_CASE("a client keeps the last session of each server, so many, and gives it once") {
  io_test::on_core([]() -> lull::task<> {
    lull::detail::tls_client_context context;
    CHECK(context.take("0") == nullptr);
    for (std::size_t i = 0; i <= lull::limits::tls_sessions; ++i) {
      context.keep(std::to_string(i), session_owner(SSL_SESSION_new()));
    }
    CHECK(context.take("0") == nullptr);  // the oldest
    const session_owner first = context.take("1");
    CHECK(first != nullptr);
    CHECK(context.take("1") == nullptr);
    SSL_SESSION* const last = SSL_SESSION_new();
    context.keep("2", session_owner(last));
    CHECK(context.take("2").get() == last);
    CHECK(context.take("2") == nullptr);
    co_return;
  });
}

TEST_CASE("nothing older than TLS 1.2 is spoken, by clients and by servers") {
  io_test::on_core([]() -> lull::task<> {
    const lull::tls_client client({.verify = false});
    CHECK(SSL_CTX_get_min_proto_version(client.context()->context.get()) == TLS1_2_VERSION);
    const lull::tls_server server({.identities = {tls_test::common_identity()}});
    for (const auto& one : server.contexts()->by_identity) {
      CHECK(SSL_CTX_get_min_proto_version(one.get()) == TLS1_2_VERSION);
    }
    co_return;
  });
}
