// SPDX-License-Identifier: MIT
#pragma once

// What is needed to meet services by TLS: the authorities that are trusted, the protocols that are
// spoken, and the sessions of earlier connections, one a name of a server, with which the next
// handshake is shorter. Belongs to the core that made it. Copies share it. Making one with the
// system's authorities reads files.

#include <memory>
#include <string>
#include <vector>

namespace lull {

struct tls_client_options {
  // As PEM text; empty: those of the system (/etc/ssl/certs).
  std::string authorities = {};
  // ALPN, what is liked best in front: "h2", "http/1.1". None: nothing is agreed upon.
  std::vector<std::string> protocols = {};
  // Whom the peer claims to be is checked. Without, anybody on the way can be the peer: for tests.
  bool verify = true;
  // Sessions are kept.
  bool resume = true;
  // See tls_server_options.
  bool kernel_sends = false;
};

namespace detail {

struct tls_client_context;

}  // namespace detail

class tls_client {
 public:
  // Throws std::invalid_argument, with a sentence, for what cannot be used, and std::bad_alloc.
  explicit tls_client(const tls_client_options& options = {});

  const std::shared_ptr<detail::tls_client_context>& context() const noexcept { return context_; }

 private:
  std::shared_ptr<detail::tls_client_context> context_;
};

}  // namespace lull
