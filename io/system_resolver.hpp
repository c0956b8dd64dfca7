// SPDX-License-Identifier: MIT
#pragma once

// The resolver that asks the system (getaddrinfo) on a thread for what blocks (offload), so for
// tasks of lull::run. One question a name is under way at a time: whoever asks for the same name
// joins it, and may leave it; it goes on, and its answer is kept for the next. The system does not
// say how long an answer is good, so addresses are kept for half a minute and failures for two
// seconds unless told otherwise: so long a change is not seen. A number is answered at once.
//
// Used on the core that made it. A question costs what offload costs; an answer that is known one
// frame, and the vector. The runtime's end waits for questions under way, for as long as the system
// takes over them (/etc/resolv.conf, timeout and attempts).

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "limits.hpp"
#include "name_answer.hpp"
#include "resolver.hpp"

namespace lull {

struct resolver_options {
  time_span keep = std::chrono::seconds(30);
  time_span keep_failures = std::chrono::seconds(2);
  std::size_t names = limits::resolved_names;  // that are kept at most; 0: none
  // Called on several threads at once. May block; what it throws is a failure.
  std::function<name_answer(const std::string& name)> look_up = &look_up_name;
};

class system_resolver final : public resolver {
 public:
  explicit system_resolver(resolver_options options = {});
  ~system_resolver() override;

  task<result<std::vector<address>>> resolve(std::string name, std::uint16_t port) override;

 private:
  struct question;
  struct state;
  enum class outcome : std::uint8_t { known, failed, stopped };

  static task<outcome> look_up(const state& self, question& asked);
  static task<> ask(std::shared_ptr<state> self, std::shared_ptr<question> asked);
  static std::shared_ptr<question> join(const std::shared_ptr<state>& self, std::string_view name);

  std::shared_ptr<state> state_;  // shared with the questions under way
};

}  // namespace lull
