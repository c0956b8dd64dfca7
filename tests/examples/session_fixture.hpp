// SPDX-License-Identifier: MIT
#pragma once

// A key-value server of several cores in one thread, without sockets: each core is a participant
// that the fixture switches to, and what would be a message is a call.

#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../examples/kv/session.hpp"
#include "../../examples/kv/write_commands.hpp"

namespace kv_test {

class service {
 public:
  explicit service(unsigned cores, kv::server_limits limits = {}) : keys_(cores) {
    facts.limits = limits;
    for (unsigned i = 0; i < cores; ++i) {
      participants_.push_back(std::make_unique<lull::participant>(domain_));
      states_.push_back(std::make_unique<kv::core_state>(i, keys_, facts));
      facts.cores.push_back(states_.back().get());
    }
    set_time(1'000'000'000'000);
    switch_to(0);
    session = std::make_unique<kv::session>(*states_[0], "127.0.0.1:1", -1);
  }
  ~service() {
    session.reset();
    lull::participant::set_current(nullptr);
  }

  void set_time(std::int64_t now_ms) {
    for (auto& each : states_) each->now_ms = now_ms;
  }
  void advance(std::int64_t milliseconds) { set_time(states_[0]->now_ms + milliseconds); }
  kv::core_state& core(unsigned index) { return *states_[index]; }
  kv::database& keys() { return keys_; }
  lull::participant& participant(unsigned index) { return *participants_[index]; }
  template <class F>
  void on_core(unsigned index, F call) {
    switch_to(index);
    call(*states_[index]);
    switch_to(0);
  }
  // A key that the core owns.
  std::string key_of(unsigned core, int number = 0) {
    for (int i = 0;; ++i) {
      std::string key = "key:" + std::to_string(number) + ":" + std::to_string(i);
      if (keys_.owner_of(keys_.hash(key)) == core) return key;
    }
  }

  // The replies to `input`, with everything executed that the session asks for.
  std::string send(std::string_view input) {
    std::string replies;
    const char* at = input.data();
    const char* const end = at + input.size();
    for (;;) {
      const auto reason = session->process(at, end);
      pauses.push_back(reason);
      finish(reason);
      if (reason == kv::session::pause::need_input || reason == kv::session::pause::close) {
        if (session->has_pending_writes()) finish(kv::session::pause::finish_writes);
        closed = reason == kv::session::pause::close;
        replies = std::exchange(sent_early_, {});
        replies += session->output().view();
        session->sent();
        session->rest();
        left = std::string{at, end};
        for (unsigned i = 0; i < keys_.cores(); ++i) {
          on_core(i, [this, i](kv::core_state&) { participants_[i]->quiescent(); });
        }
        return replies;
      }
    }
  }

  kv::server_facts facts;
  std::unique_ptr<kv::session> session;
  std::vector<kv::session::pause> pauses;
  bool closed = false;
  std::string left;
  std::size_t most_output = 0;  // bytes of replies that were held at a time

 private:
  std::string sent_early_;

  void switch_to(unsigned core) { lull::participant::set_current(participants_[core].get()); }
  void finish(kv::session::pause reason) {
    if (reason == kv::session::pause::finish_writes) {
      for (unsigned i = 0; i < keys_.cores(); ++i) {
        if (!session->pending_writes().concerns(i)) continue;
        on_core(i, [&](kv::core_state& there) {
          session->pending_writes().execute(i, there.writing());
        });
      }
      session->merge_writes();
      most_output = std::max(most_output, session->output().size());
    } else if (reason == kv::session::pause::spread) {
      for (unsigned i = 0; i < keys_.cores(); ++i) {
        if (!session->spread_work().concerns(i)) continue;
        on_core(i, [&](kv::core_state& there) { session->spread_work().execute(there); });
      }
      session->finish_spread();
    } else if (reason == kv::session::pause::send) {
      sent_early_ += session->output().view();
      session->sent();
    } else if (reason == kv::session::pause::walk) {
      while (session->walk().step(*states_[0])) {}
      session->finish_walk();
    }
  }

  lull::domain domain_;
  std::vector<std::unique_ptr<lull::participant>> participants_;
  kv::database keys_;
  std::vector<std::unique_ptr<kv::core_state>> states_;
};

// A request as clients send it.
inline std::string request(const std::vector<std::string>& words) {
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& each : words) {
    text += "$" + std::to_string(each.size()) + "\r\n" + each + "\r\n";
  }
  return text;
}

}  // namespace kv_test
