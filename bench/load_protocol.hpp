// SPDX-License-Identifier: MIT
#pragma once
// What the load client says and what it expects to hear: exchanges (a request of one or several
// messages, and the exact bytes of its reply), built once before anything is timed. Echo, and GET
// and SET of the Redis protocol. Knows no sockets.

#include <cstddef>
#include <string>
#include <vector>

namespace lull::bench {

struct exchange {
  std::string request;
  std::string reply;
};

struct script {
  std::vector<exchange> preparation;  // once a server, before anything is timed
  std::vector<exchange> exchanges;    // in a circle; connections start spread over it
  std::size_t requests_each = 1;      // messages in one exchange
};

// `name`: echo, get or set. `bytes`: of a message or a value. `batch`: messages in one exchange.
// Throws std::invalid_argument with a sentence when the name is not known.
script make_script(const std::string& name, std::size_t bytes, std::size_t batch);

}  // namespace lull::bench
