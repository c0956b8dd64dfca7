// SPDX-License-Identifier: MIT
#include "system_resolver.hpp"

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "../base/assert.hpp"
#include "../sched/core.hpp"
#include "../sched/event.hpp"
#include "../sched/offload.hpp"
#include "../sched/shield.hpp"
#include "../sched/sleep.hpp"
#include "name_cache.hpp"

namespace lull {
namespace {

// DNS takes no longer one, and the system would read it only up to a zero byte.
bool may_be_a_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= limits::name_bytes &&
         text.find('\0') == std::string_view::npos;
}

// Names are the same in capitals.
void to_lower(std::string& name) noexcept {
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  });
}

}  // namespace

struct system_resolver::question {
  explicit question(std::string_view n) : name(n) {}

  std::string name;
  event answered;
  std::size_t waiting = 0;  // for it
  name_answer answer;
};

struct system_resolver::state {
  explicit state(resolver_options o) : options(std::move(o)), known(options.names) {}

  detail::core_context& home = detail::this_context("system_resolver");
  resolver_options options;
  detail::name_cache known;
  std::vector<std::shared_ptr<question>> asked;  // under way: few at a time
};

system_resolver::system_resolver(resolver_options options)
    : state_(std::make_shared<state>(std::move(options))) {}

system_resolver::~system_resolver() = default;

task<result<std::vector<address>>> system_resolver::resolve(std::string name, std::uint16_t port) {
  const std::shared_ptr<state> self = state_;
  LULL_ASSERT(self->home.is_current(),
              "the resolver of core %u was asked elsewhere; each core has its own",
              self->home.index);
  if (const auto number = address::parse(name, port)) co_return std::vector<address>{*number};
  if (!may_be_a_name(name)) {
    co_return failure(EINVAL, "resolve", path_text(name),
                      "a name has 1 to 253 bytes, and none of them is zero");
  }
  to_lower(name);
  if (const name_answer* const known = self->known.find(name, now())) {
    co_return known->give(name, port);
  }
  const std::shared_ptr<question> joined = join(self, name);
  ++joined->waiting;
  const bool answered = co_await joined->answered.wait();
  --joined->waiting;
  if (!answered) {
    co_return failure(ECANCELED, "resolve", path_text(name), "its scope was asked to stop");
  }
  co_return joined->answer.give(name, port);
}

// The question for that name; a new one if none is under way.
std::shared_ptr<system_resolver::question> system_resolver::join(const std::shared_ptr<state>& self,
                                                                 std::string_view name) {
  const auto same =
      std::ranges::find_if(self->asked, [&](const auto& one) { return one->name == name; });
  if (same != self->asked.end()) return *same;
  auto fresh = std::make_shared<question>(name);
  self->asked.reserve(self->asked.size() + 1);
  spawn(task_options{.name = "resolve"}, &system_resolver::ask, self, fresh);
  self->asked.push_back(fresh);
  return fresh;
}

// What is found is the answer. Failures that say nothing of the name are not kept.
task<system_resolver::outcome> system_resolver::look_up(const state& self, question& asked) {
  try {
    offload looking(self.options.look_up, asked.name);
    asked.answer = co_await looking;
    if (asked.answer.addresses.empty() && asked.answer.error == 0) asked.answer.error = ENODATA;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::operation_canceled) {
      asked.answer = {{}, ECANCELED};
      co_return outcome::stopped;
    }
    const int code = error.code().default_error_condition().value();
    const bool is_errno =
        error.code().default_error_condition().category() == std::generic_category();
    asked.answer = {{}, is_errno && code != 0 ? code : EIO};
    const bool no_thread = error.code() == std::errc::resource_unavailable_try_again;
    if (no_thread) co_return outcome::failed;
  } catch (const std::bad_alloc&) {
    asked.answer = {{}, ENOMEM};
    co_return outcome::failed;
  } catch (...) {
    asked.answer = {{}, EIO, "what looks names up has thrown an exception"};
  }
  co_return outcome::known;
}

// A stop asked of all that lull::spawn has started ends it, unless somebody still waits who does
// not heed that.
task<> system_resolver::ask(std::shared_ptr<state> self, std::shared_ptr<question> asked) {
  outcome came = outcome::failed;
  try {
    auto looking = look_up(*self, *asked);
    came = co_await std::move(looking);
    if (came == outcome::stopped) {
      co_await yield();  // those who heed it leave
      if (asked->waiting != 0) {
        auto again = look_up(*self, *asked);
        came = co_await shield(std::move(again));
      }
    }
  } catch (const std::bad_alloc&) {
    asked->answer = {{}, ENOMEM};
  }
  std::erase(self->asked, asked);
  const auto time =
      asked->answer.addresses.empty() ? self->options.keep_failures : self->options.keep;
  try {
    if (came == outcome::known) self->known.put(asked->name, asked->answer, later(now(), time));
  } catch (const std::bad_alloc&) {
    // not kept
  }
  asked->answered.set();
}

}  // namespace lull
