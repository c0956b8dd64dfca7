// SPDX-License-Identifier: MIT
#include "offload_pool.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "core.hpp"
#include "offload.hpp"
#include "online_section.hpp"
#include "processors.hpp"

namespace lull::detail {
namespace {

// A thread with limbo left looks after it so often, at first; doubling up to the second.
constexpr nanoseconds shortest_nap = std::chrono::milliseconds(1);
constexpr nanoseconds longest_nap = std::chrono::milliseconds(8);

offload_options completed(offload_options options, unsigned cores) {
  if (options.threads == 0) options.threads = std::max(4U, cores);
  if (options.queue == 0) options.queue = 1;
  return options;
}

}  // namespace

void offloaded::came_back(message& self) noexcept {
  auto& me = static_cast<offloaded&>(self);
  offload_pool& pool = *me.home_->offloads;
  pool.is_back(pool.desk_of(me));
  if (me.waits_ != nullptr) {
    me.waits_->returned();
  } else {
    delete &me;
  }
}

offload_pool::offload_pool(domain& shared, unsigned cores, const offload_options& options)
    : domain_(shared),
      options_(completed(options, cores)),
      processors_(all_cores()),
      desks_(cores) {}

offload_pool::desk& offload_pool::desk_of(const offloaded& one) noexcept {
  return desks_[one.home_->index];
}

event& offload_pool::all_back() noexcept { return desks_[this_core()].all_back; }

void offload_pool::started(desk& at) noexcept {
  if (at.out++ == 0) at.all_back.reset();
}

void offload_pool::is_back(desk& at) noexcept {
  if (--at.out == 0) at.all_back.set();
}

void offload_pool::enter(offloaded& one) {
  desk& from = desk_of(one);
  {
    const std::lock_guard lock(mutex_);
    if (queued_ == options_.queue) {
      from.waiting.push_back(one);
      ++waiting_;
    } else {
      add_to_queue(one);
    }
  }
  started(from);  // its way back ends on this core, which is here
}

bool offload_pool::withdraw(offloaded& one) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!one.is_linked()) return false;
    one.unlink();
    --(one.queued_ ? queued_ : waiting_);
    fill_queue();
  }
  is_back(desk_of(one));
  return true;
}

offload_statistics offload_pool::statistics() const {
  const std::lock_guard lock(mutex_);
  return {.threads = static_cast<unsigned>(threads_.size()),
          .threads_started = threads_started_,
          .calls = calls_,
          .running = running_,
          .queued = queued_,
          .waiting = waiting_};
}

bool offload_pool::has_settled() const {
  const std::lock_guard lock(mutex_);
  return unsettled_ == 0;
}

// Under the mutex, where the queue has room. Throws when there is no thread, and nothing changed.
void offload_pool::add_to_queue(offloaded& one) {
  if (queued_ >= idle_ && threads_.size() < options_.threads) start_thread();
  one.queued_ = true;
  queue_.push_back(one);
  ++queued_;
  changed_.notify_one();
}

// Under the mutex. The cores have their turns.
void offload_pool::fill_queue() noexcept {
  for (; waiting_ != 0 && queued_ < options_.queue; turn_ = (turn_ + 1) % desks_.size()) {
    intrusive_list<offloaded>& waiting = desks_[turn_].waiting;
    if (waiting.empty()) continue;
    --waiting_;
    add_to_queue(waiting.pop_front());  // throws nothing: where somebody waits there is a thread
  }
}

offloaded& offload_pool::take_from_queue() noexcept {
  offloaded& first = queue_.pop_front();
  --queued_;
  fill_queue();
  return first;
}

// Under the mutex.
void offload_pool::start_thread() {
  try {
    threads_.emplace_front();
    threads_.front() = std::thread([this, self = threads_.begin()] { serve(self); });
    ++threads_started_;
  } catch (...) {
    if (!threads_.empty() && !threads_.front().joinable()) threads_.pop_front();
    if (threads_.empty()) throw;  // else the others will see to it
  }
}

void offload_pool::serve(thread_list::iterator self) noexcept {
  std::optional<participant> mine;
  std::unique_lock lock(mutex_, std::defer_lock);
  try {
    run_on_processors(processors_, "lull-offload");
    mine.emplace(domain_);
    mine->set_label(static_cast<std::uint32_t>(desks_.size()));  // as no core
    online_section::end(*mine);
    lock.lock();
  } catch (...) {
    lock.lock();
    give_up(std::current_exception());
    leave(lock, self);
    return;
  }
  bool settled = true;
  while (offloaded* const one = next(lock, *mine, settled)) {
    if (std::exchange(settled, false)) ++unsettled_;
    ++calls_;
    ++running_;
    lock.unlock();
    core& home = *one->home_;
    one->run();
    home.post(*one);
    lock.lock();
    --running_;
  }
  if (!settled) --unsettled_;
  leave(lock, self);
}

// The next to be run; null when this thread is to end, for lack of work only once it has no limbo:
// what has settled is not to be said of what it leaves. The mutex is held, but while it waits.
offloaded* offload_pool::next(std::unique_lock<std::mutex>& lock, participant& mine,
                              bool& settled) noexcept {
  const time_point until = later(std::chrono::steady_clock::now(), options_.idle);
  nanoseconds nap = shortest_nap;
  while (queue_.empty()) {
    if (ending_) return nullptr;
    const time_point now = std::chrono::steady_clock::now();
    const bool limbo_left = mine.has_limbo();
    if (!limbo_left && !std::exchange(settled, true)) --unsettled_;
    if (now >= until && !limbo_left) return nullptr;
    ++idle_;
    changed_.wait_until(lock, limbo_left ? now + nap : until);
    --idle_;
    if (!queue_.empty() || !limbo_left) continue;
    nap = std::min(nap * 2, longest_nap);
    lock.unlock();
    { const online_section releasing; }
    lock.lock();
  }
  return &take_from_queue();
}

// This thread ends, and takes the mutex no more: end() may hold it and wait for this one. Each
// waits for the one that ended before, so that only one is left to end().
void offload_pool::leave(std::unique_lock<std::mutex>& lock, thread_list::iterator self) noexcept {
  thread_list before;
  before.swap(ended_);
  ended_.splice(ended_.end(), threads_, self);
  if (ending_) changed_.notify_all();
  lock.unlock();
  for (std::thread& one : before) one.join();
}

// Under the mutex, on a thread that could not join the domain. Without another nothing will be run.
void offload_pool::give_up(std::exception_ptr why) noexcept {
  while (threads_.size() == 1 && !queue_.empty()) {
    offloaded& one = take_from_queue();
    one.fail(why);
    one.home_->post(one);
  }
}

void offload_pool::end() noexcept {
  std::unique_lock lock(mutex_);
  ending_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return threads_.empty(); });
  for (std::thread& one : ended_) one.join();
  ended_.clear();
}

}  // namespace lull::detail
