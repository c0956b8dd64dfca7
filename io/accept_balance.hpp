// SPDX-License-Identifier: MIT
#pragma once

// Spreads connections evenly over cores. The kernel chooses among listeners of one address by a
// hash of addresses and ports: now and then that is uneven, and who chooses the ports may fill one
// core alone. With a balance, given to the listener of each core in listen_options, a core that has
// more than its share gives a new connection to the core with the fewest: its descriptor goes there
// as a message, and that core's accept() gives it as if it had come there. A share is what the
// least loaded core has, 4 and a sixteenth of it; and that alone on a core where nobody waits for
// connections, such as one whose service has as many as it may. What waits there is given to a core
// where somebody does wait, at once or as soon as there is one, within some milliseconds.
//
// Made before the cores, and destroyed after them: one for all listeners of one address, one
// listener a core. Costs a read-modify-write for a connection that comes and for one that goes, a
// look at all cores for every few, and a message for one that is given away; where some wait that
// nobody takes, a look each 5 ms. Connections are counted until they begin to close, and never
// moved once they were taken.
//
// | variable      | written by                          | read by   | pairings |
// |---------------|-------------------------------------|-----------|----------|
// | connections   | its core, and who gives to that one | all cores | none     |
// | is_listening  | its core                            | all cores | none     |
// | takes         | its core; who gives takes it back   | all cores | none     |

#include <memory>
#include <mutex>
#include <vector>

#include "../base/atomics.hpp"
#include "../base/cache_line.hpp"
#include "../sched/core_context.hpp"

namespace lull {

namespace detail {

class listener_state;

// What a core has of the connections.
struct balance_share {
  alignas(cache_line) atomic<unsigned> connections{0};
  atomic<bool> is_listening{false};
  atomic<bool> takes{false};           // somebody waits for a connection: one
  listener_state* listener = nullptr;  // its core's alone, and so is the next
  unsigned share = 0;                  // as of its last look at the others
  unsigned until_look = 0;             // so many arrivals for which that is good

  unsigned count_in() noexcept { return connections.fetch_add(1, relaxed) + 1; }
  void count_out() noexcept { connections.fetch_sub(1, relaxed); }
};

}  // namespace detail

class accept_balance {
 public:
  accept_balance() noexcept = default;
  accept_balance(const accept_balance&) = delete;
  accept_balance& operator=(const accept_balance&) = delete;
  // Stops the program while connections or listeners are left.
  ~accept_balance();

  // How many connections each core has, those on their way there included. Called on a core. Throws
  // std::bad_alloc.
  std::vector<unsigned> connections();

 private:
  friend class detail::listener_state;
  friend class tcp_listener;
  struct handed_over;

  // Room for all cores, made by the first who asks.
  void make_shares();
  detail::balance_share& share_here() noexcept;
  // For a listener of this core, from its beginning to its close.
  void join(detail::listener_state& listener) noexcept;
  void leave() noexcept;

  // Whether somebody on this core waits.
  void takes(bool one) noexcept { share_here().takes.store(one, detail::relaxed); }
  // Whether somebody waits on another core.
  bool others_take() noexcept { return least_loaded(true) != nullptr; }
  void count_in() noexcept { share_here().count_in(); }
  // A connection that is counted here, where nobody takes it: true if it was given to a core where
  // somebody waits, or that has fewer.
  bool pass_on(int connection) noexcept;
  // A connection has come to this core, where somebody takes them: true if it was given to another,
  // which has fewer, else it is counted here.
  bool give_away(int connection) noexcept;
  // The listening core with the fewest, or of those where somebody waits; null: there is none.
  detail::balance_share* least_loaded(bool that_takes = false) noexcept;
  // False: no memory for the message.
  bool hand_over(detail::balance_share& to, int connection) noexcept;
  // On the core that it was given to.
  void arrived(int connection) noexcept;

  std::once_flag made_;
  std::unique_ptr<detail::balance_share[]> shares_;
  unsigned cores_ = 0;
};

}  // namespace lull
