// SPDX-License-Identifier: MIT
#include "connection.hpp"

#include <lull/sched/run_on.hpp>
#include <lull/sched/sleep.hpp>

#include <sys/socket.h>

#include <utility>

#include "owners.hpp"
#include "session.hpp"

namespace kv {
namespace {

// ---- on the core that owns the keys ----

void execute_writes(round* writes, core_state* there) {
  there->set_time(lull::now().time_since_epoch());
  writes->execute(there->index, there->writing());
}

void execute_spread(spread* work, core_state* there) {
  there->set_time(lull::now().time_since_epoch());
  work->execute(*there);
}

// ---- on the connection's core ----

lull::task<> ask_to_write(round* writes, core_state* there) {
  co_await lull::run_on(there->index, &execute_writes, writes, there);
}

lull::task<> ask_to_spread(spread* work, core_state* there) {
  co_await lull::run_on(there->index, &execute_spread, work, there);
}

lull::task<> finish_writes(core_state& here, session& client) {
  auto asking = ask_owners(here.server.cores, here, client.pending_writes(), &ask_to_write);
  co_await std::move(asking);
  client.merge_writes();
}

lull::task<> finish_spread(core_state& here, session& client) {
  spread& work = client.spread_work();
  if (work.concerns(here.index)) work.execute(here);
  auto asking = ask_owners(here.server.cores, here, work, &ask_to_spread);
  co_await std::move(asking);
  client.finish_spread();
}

// Bounded steps, between which others run.
lull::task<> finish_walk(core_state& here, session& client) {
  while (client.walk().step(here)) {
    co_await lull::yield();
    here.set_time(lull::now().time_since_epoch());
  }
  client.finish_walk();
}

// The bytes of a client that have been received and not executed: in the core's receive buffers
// where a chunk holds whole requests, else in a buffer of its own.
class unread_input {
 public:
  explicit unread_input(core_state& here) noexcept : here_(here) {}

  void take(lull::received&& got) {
    if (kept_.empty()) {
      chunk_ = std::move(got);
      at = chunk_.text().data();
      end = at + chunk_.size();
    } else {
      kept_.append(got.text());
      got.reset();
      point_at_kept();
    }
  }
  // Lets go of the receive buffer, and of what has been executed.
  void keep_rest() {
    if (!kept_.empty()) {
      kept_.drop_front(static_cast<std::size_t>(at - kept_.data()));
    } else if (at != end) {
      kept_ = here_.take_buffer();
      kept_.append({at, static_cast<std::size_t>(end - at)});
    }
    chunk_.reset();
    if (kept_.empty() && kept_.capacity() != 0) here_.give_buffer(std::move(kept_));
    point_at_kept();
  }
  std::size_t size() const noexcept { return static_cast<std::size_t>(end - at); }

  const char* at = nullptr;
  const char* end = nullptr;

 private:
  void point_at_kept() noexcept {
    at = kept_.data();
    end = at + kept_.size();
  }

  core_state& here_;
  lull::received chunk_;
  byte_buffer kept_;
};

// What the session needs before it can go on; false when the client is gone.
lull::task<bool> proceed(core_state& here, lull::tcp_stream& stream, session& client,
                         session::pause reason, unread_input& input) {
  switch (reason) {
    case session::pause::finish_writes:
      co_await finish_writes(here, client);
      break;
    case session::pause::spread:
      co_await finish_spread(here, client);
      break;
    case session::pause::walk:
      co_await finish_walk(here, client);
      break;
    default: {
      input.keep_rest();
      auto sent = co_await stream.send_all(client.output().view());
      if (!sent) co_return false;
      client.sent();
    }
  }
  here.set_time(lull::now().time_since_epoch());
  co_return true;
}

bool is_final(session::pause reason) noexcept {
  return reason == session::pause::need_input || reason == session::pause::close;
}

}  // namespace

lull::task<> converse(core_state& here, lull::tcp_stream& stream) {
  session client{here, stream.peer().to_string(), stream.descriptor()};
  if (here.ending) ::shutdown(stream.descriptor(), SHUT_RD);
  unread_input input{here};
  for (;;) {
    auto got = co_await stream.receive();
    if (!got || got->empty()) co_return;
    here.set_time(lull::now().time_since_epoch());
    input.take(std::move(*got));
    session::pause reason = client.process(input.at, input.end);
    while (!is_final(reason)) {
      auto step = proceed(here, stream, client, reason, input);
      const bool good = co_await std::move(step);
      if (!good) co_return;
      reason = client.process(input.at, input.end);
    }
    if (client.has_pending_writes()) {
      auto step = finish_writes(here, client);
      co_await std::move(step);
    }
    input.keep_rest();
    if (!client.output().empty()) {
      auto sent = co_await stream.send_all(client.output().view());
      if (!sent) co_return;
      client.sent();
    }
    client.rest();
    if (reason == session::pause::close || input.size() > here.server.limits.query) co_return;
  }
}

}  // namespace kv
