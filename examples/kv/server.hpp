// SPDX-License-Identifier: MIT
#pragma once

// The server: a listener, a table and a few tasks on every core, and the order in which they start
// and end. Made in main() before the cores run and destroyed after; `run_core` is what each core
// runs. On SIGINT or SIGTERM no connection is taken any more; those that there are finish what they
// have sent, and are cut off when the time for that is over.
//
// variable | written by | read by  | pairings
// started_ | any core   | any core | ready: what a core set up before it added itself is seen by
//          |            |          | whoever reads the full count
// left_    | any core   | main     | none: relaxed, a count, read when the cores have ended

#include <lull/io/address.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/io/tcp_stream.hpp>
#include <lull/sched/core.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/task.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "core_state.hpp"
#include "options.hpp"

namespace kv {

class server {
 public:
  // Finds out whether the address can be had. Throws std::system_error.
  server(const options& wanted, unsigned cores);
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  // On every core, until the server is asked to stop and its connections have ended. Throws
  // std::system_error when the core cannot listen.
  lull::task<> run_core();
  // Connections that had to be cut off at the end.
  std::size_t connections_left() const noexcept { return left_.load(std::memory_order_relaxed); }

 private:
  lull::task<bool> wait_for_others();
  lull::task<> accept_clients(core_state* here, lull::tcp_listener* from, lull::scope* clients);
  void admit(core_state& here, lull::tcp_stream stream, lull::scope& clients) noexcept;
  lull::task<> serve_client(core_state* here, lull::tcp_stream stream);
  lull::task<> refuse_client(core_state* here, lull::tcp_stream stream);
  lull::task<> serve_until_stopped(core_state& here, lull::tcp_listener& from);
  void describe_runtime(byte_buffer& to) const;

  options options_;
  lull::address address_;
  database keys_;
  server_facts facts_;
  std::vector<std::unique_ptr<core_state>> states_;
  std::vector<lull::core*> cores_;  // each written by its core before `ready`
  std::atomic<unsigned> started_{0};
  std::atomic<std::size_t> left_{0};
};

}  // namespace kv
