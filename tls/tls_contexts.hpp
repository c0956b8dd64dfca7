// SPDX-License-Identifier: MIT
#pragma once

// What is behind a tls_server and a tls_client; connections share it.

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "../sched/core_context.hpp"
#include "tls_context.hpp"
#include "tls_handles.hpp"

namespace lull::detail {

// Not changed once it is made; any thread.
struct tls_server_contexts {
  std::vector<openssl_owner<ssl_ctx_st>> by_identity;
  std::string protocols;
};

// Of the core that made it.
struct tls_client_context {
  openssl_owner<ssl_ctx_st> context;
  core_context& home = this_context("tls_client");

  // Keeps a session for the next connection to `server`; the oldest of all goes when there are too
  // many. Takes ownership.
  void keep(std::string_view server, openssl_owner<ssl_session_st> session);
  // The session kept for it, which is used once; null: none.
  openssl_owner<ssl_session_st> take(std::string_view server) noexcept;

 private:
  struct kept {
    std::string server;
    openssl_owner<ssl_session_st> session;
  };

  std::list<kept> sessions_;  // the newest in front
};

}  // namespace lull::detail
