// SPDX-License-Identifier: MIT
#pragma once

// A listening socket on its core. Accepting runs by itself once accept() was first awaited (where
// the kernel can, one submission accepts for as long as it is not told to end); connections that
// nobody has taken yet wait here. Without descriptors it pauses and tries again, longer each time;
// connections wait in the kernel meanwhile. Core-local.
//
// | accepting | means                                                             |
// |-----------|-------------------------------------------------------------------|
// | idle      | nothing is with the kernel; begun when somebody waits, here or,   |
// |           | with a balance, on another core                                   |
// | armed     | the kernel accepts                                                |
// | stopping  | too many connections wait to be taken: being cancelled            |
// | pausing   | until the timer expires: the kernel had no descriptor             |

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "../sched/wait_node.hpp"
#include "accept_balance.hpp"
#include "limits.hpp"
#include "peer_name.hpp"
#include "port_claim.hpp"
#include "socket_state.hpp"

namespace lull::detail {

class listener_state final : public socket_state, private completion_target, private timer_node {
 public:
  listener_state(io_core& on, int descriptor, const peer_name& local,
                 accept_balance* balance = nullptr) noexcept;
  ~listener_state() override;

  const peer_name& local() const noexcept { return local_; }
  // As long as this lives.
  void keep(port_claim&& claim) noexcept { claim_ = std::move(claim); }
  // There is something to say at once: a connection, or an error that will not go away.
  bool has_news() const noexcept { return next_ < untaken_.size() || error_ != 0; }
  // The oldest connection that nobody has taken; -1: none.
  int take() noexcept;
  // Where what was taken is counted, until it is closed; null: nowhere.
  balance_share* counted_in() const noexcept {
    return balance_ == nullptr ? nullptr : &balance_->share_here();
  }
  // A connection that came to another core.
  void take_over(int connection) noexcept;
  // Closes one that nobody gets.
  void drop(int connection) noexcept;
  int error() const noexcept { return error_; }

  // Makes `waiter` ready when there are news, or the socket closes. One at a time.
  void wait(suspension& waiter) noexcept;
  void stop_waiting() noexcept;

 private:
  enum class accepting : std::uint8_t { idle, armed, stopping, pausing };

  void let_go() noexcept override;
  completion_target* runs_by_itself() noexcept override {
    const bool runs = accepting_ == accepting::armed || accepting_ == accepting::stopping;
    return runs ? this : nullptr;
  }
  void begin() noexcept;
  void arrived(int connection) noexcept;
  void add(int connection) noexcept;
  void over(std::int32_t result) noexcept;
  void tell(int code) noexcept;
  void pause() noexcept;
  void wake() noexcept;
  // Somebody waits for connections, or was woken to take one.
  bool is_taken() const noexcept { return waiter_ != nullptr || woken_; }

  static void accepted(completion_target& self, completion what) noexcept;
  static void pause_over(timer_node& timer) noexcept;
  // Connections that nobody takes here go to cores where somebody does, or that have fewer.
  void pass_on() noexcept;
  // That again, in a while.
  void look_later() noexcept;
  struct later_look : timer_node {
    explicit later_look(listener_state& o) noexcept : timer_node(&later_look::due), owner(o) {}
    static void due(timer_node& self) noexcept { static_cast<later_look&>(self).owner.pass_on(); }

    listener_state& owner;
  };

  static void fill_accept(submitter& self, submission entry) noexcept;

  std::vector<int> untaken_;  // from next_ on
  std::size_t next_ = 0;
  suspension* waiter_ = nullptr;
  nanoseconds pause_{limits::accept_pause_first};
  unsigned failures_ = 0;  // one after the other
  int error_ = 0;
  accepting accepting_ = accepting::idle;
  bool accepts_ = false;  // somebody has waited
  bool told_ = false;
  bool woken_ = false;  // and has not taken yet
  peer_name local_;
  port_claim claim_;
  accept_balance* balance_;
  later_look look_again_{*this};
};

}  // namespace lull::detail
