// SPDX-License-Identifier: MIT
#include "server.hpp"

#include <lull/sched/runtime.hpp>
#include <lull/sched/sleep.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "connection.hpp"
#include "expiring.hpp"
#include "session.hpp"

namespace kv {
namespace {

using namespace std::chrono_literals;

// Binds the address once, alone: the listeners of the cores share it, so they would not notice
// another server that shares it too. Gives the address with the port that the kernel chose for 0.
lull::address claim(const lull::address& wanted) {
  const int probe = ::socket(wanted.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  const bool good = probe >= 0 &&
                    ::setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                    ::bind(probe, wanted.data(), wanted.size()) == 0 &&
                    ::getsockname(probe, reinterpret_cast<sockaddr*>(&bound), &size) == 0;
  const int error = errno;
  if (probe >= 0) ::close(probe);
  if (good) return lull::address::from(reinterpret_cast<sockaddr*>(&bound), size);
  throw std::system_error(error, std::generic_category(),
                          "cannot listen on " + wanted.to_string() +
                              "; choose another --port or --bind, or stop the server that has it");
}

lull::address address_of(const options& wanted) {
  const auto parsed = lull::address::parse(wanted.bind_address, wanted.port);
  if (parsed) return *parsed;
  throw std::system_error(
      EINVAL, std::generic_category(),
      "--bind takes an IPv4 or IPv6 address, not a name, and got '" + wanted.bind_address + "'");
}

}  // namespace

server::server(const options& wanted, unsigned cores)
    : options_(wanted), address_(claim(address_of(wanted))), keys_(cores), cores_(cores) {
  facts_.limits = wanted.limits;
  facts_.bind_address = wanted.bind_address;
  facts_.port = address_.port();
  facts_.describe_runtime = [this](byte_buffer& to) { describe_runtime(to); };
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  facts_.started_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  for (unsigned i = 0; i < cores; ++i) {
    states_.push_back(std::make_unique<core_state>(i, keys_, facts_));
    facts_.cores.push_back(states_.back().get());
  }
}

lull::task<> server::run_core() {
  core_state& here = *states_[lull::this_core()];
  cores_[here.index] = &lull::core::current();
  here.compare_clocks(lull::now().time_since_epoch());
  lull::tcp_listener listener = lull::tcp_listener::bind(address_).value();
  auto others = wait_for_others();
  const bool complete = co_await std::move(others);
  if (complete) {
    if (here.index == 0) {
      std::printf("lull-kv listens on %s with %zu cores\n", listener.local().to_string().c_str(),
                  cores_.size());
      std::fflush(stdout);
    }
    auto serving = serve_until_stopped(here, listener);
    co_await std::move(serving);
  }
  co_await listener.close();
}

// False: the server was asked to stop before all cores listened.
lull::task<bool> server::wait_for_others() {
  // order(ready): acq_rel, pairs with itself on the other cores. Without it a first client could
  // ask for the statistics of a core whose place in cores_ is not yet seen to be written.
  started_.fetch_add(1, std::memory_order_acq_rel);
  while (started_.load(std::memory_order_acquire) < cores_.size()) {
    if (lull::core::current().shutdown().requested()) co_return false;
    co_await lull::sleep(1ms);
  }
  co_return true;
}

// Both scopes are joined however it ends, for nothing that they run may outlive them.
lull::task<> server::serve_until_stopped(core_state& here, lull::tcp_listener& from) {
  lull::scope clients;
  lull::scope helpers;
  std::exception_ptr failed;
  try {
    helpers.spawn(&expire_keys, &here);
    helpers.spawn(&server::accept_clients, this, &here, &from, &clients);
    co_await lull::stop_requested();
  } catch (...) {
    failed = std::current_exception();
  }
  helpers.request_stop();
  co_await helpers.join();
  // What clients have sent is executed and answered; then their streams read as ended.
  here.ending = true;
  for (const session* const each : here.sessions) ::shutdown(each->descriptor(), SHUT_RD);
  const std::chrono::milliseconds limit{options_.shutdown_ms};
  const bool all_ended = co_await clients.join_for(limit);
  if (!all_ended) {
    left_.fetch_add(clients.size(), std::memory_order_relaxed);
    clients.request_stop();
    co_await clients.join();
  }
  if (failed) std::rethrow_exception(failed);
}

// Throws nothing, and so do the tasks that it starts.
lull::task<> server::accept_clients(core_state* here, lull::tcp_listener* from,
                                    lull::scope* clients) {
  for (;;) {
    bool failed = false;
    try {
      auto accepted = co_await from->accept();
      if (accepted) {
        admit(*here, std::move(*accepted), *clients);
      } else {
        if (accepted.error() == std::errc::operation_canceled) co_return;
        failed = true;
        std::fprintf(stderr, "lull-kv: %s\n", accepted.message().c_str());
      }
    } catch (const std::bad_alloc&) {  // for one client's stream, which is closed
      here->counters.errors.add();
    }
    if (!failed) continue;
    const bool go_on = co_await lull::sleep(100ms);
    if (!go_on) co_return;
  }
}

void server::admit(core_state& here, lull::tcp_stream stream, lull::scope& clients) noexcept {
  here.set_time(lull::now().time_since_epoch());
  const bool room =
      facts_.connections.fetch_add(1, std::memory_order_relaxed) < facts_.limits.connections;
  try {
    clients.spawn(room ? &server::serve_client : &server::refuse_client, this, &here,
                  std::move(stream));
  } catch (const std::bad_alloc&) {  // the stream is dropped, and so closed
    facts_.connections.fetch_sub(1, std::memory_order_relaxed);
  }
}

lull::task<> server::serve_client(core_state* here, lull::tcp_stream stream) {
  try {
    auto conversation = converse(*here, stream);
    co_await std::move(conversation);
  } catch (const std::bad_alloc&) {
    // No memory for this client's next step: it is closed, and the others go on.
    here->counters.errors.add();
  }
  co_await stream.close();
  facts_.connections.fetch_sub(1, std::memory_order_relaxed);
}

lull::task<> server::refuse_client(core_state* here, lull::tcp_stream stream) {
  here->counters.connections_refused.add();
  auto sent = co_await stream.send_all(std::string_view{"-ERR max number of clients reached\r\n"});
  static_cast<void>(sent);  // a client that is gone already does not miss it
  co_await stream.close();
  facts_.connections.fetch_sub(1, std::memory_order_relaxed);
}

void server::describe_runtime(byte_buffer& to) const {
  for (std::size_t i = 0; i < cores_.size(); ++i) {
    const auto loop = cores_[i]->statistics();
    const auto limbo = cores_[i]->reclamation().statistics();
    const struct {
      const char* name;
      std::uint64_t value;
    } figures[] = {
        {"iterations", loop.iterations},
        {"epochs", limbo.epochs},
        {"retired", limbo.retired},
        {"released", limbo.released},
        {"limbo_objects", limbo.limbo_objects},
        {"limbo_bytes", limbo.limbo_bytes},
        {"limbo_objects_high", limbo.limbo_objects_high},
        {"limbo_bytes_high", limbo.limbo_bytes_high},
        {"enters", loop.enters},
        {"completions", loop.completions},
        {"resumes", loop.resumes},
        {"polls", loop.polls},
        {"polls_paid", loop.polls_paid},
        {"sleeps", loop.sleeps},
        {"messages", loop.messages},
        {"wakeups_sent", loop.wakeups_sent},
        {"keys", keys_.of(static_cast<unsigned>(i)).size()},
        {"connections", states_[i]->counters.connections_made.value() -
                            states_[i]->counters.connections_ended.value()},
        {"commands", states_[i]->counters.commands.value()},
    };
    std::string line = "core" + std::to_string(i) + ":";
    for (const auto& each : figures) {
      if (line.back() != ':') line += ',';
      line += each.name;
      line += '=';
      line += std::to_string(each.value);
    }
    to.append(line + "\r\n");
  }
}

}  // namespace kv
