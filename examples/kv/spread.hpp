// SPDX-License-Identifier: MIT
#pragma once

// One request that several cores have a part in: DEL and MSET of keys with different owners,
// FLUSHALL, CLIENT LIST. Made and finished by the connection's core; `execute` runs on each other
// core that has a part, at its own time. So the whole is not atomic: others may see one part done
// and another not yet.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "byte_buffer.hpp"
#include "command_table.hpp"
#include "core_state.hpp"
#include "request_parser.hpp"

namespace kv {

enum class spread_kind : std::uint8_t { remove_keys, set_keys, remove_all, list_clients };

class spread {
 public:
  spread(spread_kind kind, const arguments& words, core_state& here);

  spread_kind kind() const noexcept { return kind_; }
  bool concerns(unsigned core) const noexcept;
  // On the core that `there` belongs to.
  void execute(core_state& there);
  // Writes the reply, on the connection's core.
  void finish(byte_buffer& output) const;

 private:
  struct part {
    std::vector<std::uint32_t> keys;  // positions in the words
    std::int64_t count = 0;
    bool out_of_memory = false;
    byte_buffer text;
  };

  void execute_part(core_state& there, part& mine);

  spread_kind kind_;
  arguments words_;
  std::vector<part> parts_;
};

}  // namespace kv
