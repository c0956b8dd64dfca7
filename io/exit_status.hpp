// SPDX-License-Identifier: MIT
#pragma once

// How a process ended: by itself, with a code, or by a signal. A value.

namespace lull {

struct exit_status {
  int code = 0;    // 0 to 255; 0 when a signal ended it
  int signal = 0;  // 0: it ended by itself

  bool succeeded() const noexcept { return code == 0 && signal == 0; }
  friend bool operator==(const exit_status&, const exit_status&) = default;
};

}  // namespace lull
