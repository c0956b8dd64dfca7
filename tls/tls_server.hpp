// SPDX-License-Identifier: MIT
#pragma once

// What a service needs to be met by TLS: its certificates and keys, the protocols it speaks. Made
// once, and never changed: any core may use it, and all cores of a program should use the same one,
// for only who made a ticket takes it. Copies share it. Making one is milliseconds of arithmetic;
// nothing of it waits.
//
// To replace a certificate while a service runs, make another one and accept with that: each core
// assigns its copy (`mine = replacement`, in broadcast). Connections go on with the one that
// they were accepted with, and a client that comes with a ticket of it shakes hands in full.

#include <memory>
#include <string>
#include <vector>

namespace lull {

// Both as PEM text: read_file() gives it.
struct tls_identity {
  std::string certificates;  // the server's, then those between it and the authority
  std::string key;           // not protected by a password
};

struct tls_server_options {
  // A client that names the server gets the first whose certificate is for that name; one that
  // names none, or an unknown one, gets the first of all.
  std::vector<tls_identity> identities;
  // ALPN, what is liked best in front: "h2", "http/1.1". A client that has only others is refused.
  // None: nothing is agreed upon.
  std::vector<std::string> protocols = {};
  // Clients that come back may spare the greater part of the handshake.
  bool tickets = true;
  // The kernel encrypts what is sent, where it has TLS (module tls) and the cipher: a copy less,
  // and no queue in memory. It cannot change keys: once the peer asks for new ones, a send fails
  // (protocol_error). Of a send that is stopped an unknown part has been sent.
  bool kernel_sends = false;
};

namespace detail {

struct tls_server_contexts;

}  // namespace detail

class tls_server {
 public:
  // Throws std::invalid_argument, with a sentence, for what cannot be used, and std::bad_alloc.
  explicit tls_server(const tls_server_options& options);

  const std::shared_ptr<const detail::tls_server_contexts>& contexts() const noexcept {
    return contexts_;
  }

 private:
  std::shared_ptr<const detail::tls_server_contexts> contexts_;
};

}  // namespace lull
