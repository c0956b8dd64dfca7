// SPDX-License-Identifier: MIT
#pragma once

// Connections to one address, kept for the next who needs one. So many at a time: who comes when
// all are lent waits, in order. Belongs to one core, and so do the connections.
//
//   auto acquiring = pool.acquire();
//   auto connection = co_await std::move(acquiring);
//   if (!connection) co_return;
//   const auto sent = co_await (*connection)->send_all(request);
//   ... and when the whole answer has been read:
//   connection->keep();
//
// A lease that goes closes its connection, unless keep() was called: so a failure, a stop or an
// exception between a request and the end of its answer leaves nobody else the rest of it. One that
// was closed, or has bytes that nobody read, is not kept either. (What a
// buffered_reader over it has taken counts as read: call keep() only when its buffered() is 0.)
//
// An idle connection is watched by a task that receives: one that the peer ends, or on which it
// says something unasked, is closed at once, and so is one that nobody needed for too long. The one
// that came back last is lent first. That a lent one works is not promised (the peer may end it
// just then): who may ask again does so once where the lease says that it had been lent before,
// with a new one, of acquire_new().
//
// An address may be a type of your own, in whose namespace there is a connect() for it, and which
// converts to a peer_name, for messages: for connections over TLS, say. Of Unix sockets this is for
// bytes alone: one that was watched receives no descriptors any more.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "../base/assert.hpp"
#include "../sched/event.hpp"
#include "../sched/scope.hpp"
#include "../sched/semaphore.hpp"
#include "../sched/shield.hpp"
#include "../sched/sleep.hpp"
#include "../sched/task.hpp"
#include "../sched/timeout.hpp"
#include "connect.hpp"
#include "connection_lease.hpp"
#include "result.hpp"

namespace lull {

struct pool_options {
  std::size_t connections = 16;                  // at a time; room for them is allocated
  time_span idle = std::chrono::seconds(30);     // that one is kept unused; zero: without limit
  time_span connect = std::chrono::seconds(10);  // that a connect may take; zero: without limit
};

// All but `lent` and `idle` only grow.
struct pool_statistics {
  std::uint64_t lent = 0;       // now
  std::uint64_t idle = 0;       // now
  std::uint64_t connected = 0;  // connections made
  std::uint64_t reused = 0;     // idle ones lent again
  std::uint64_t ended = 0;      // idle ones that the peer ended, or said something on
  std::uint64_t expired = 0;    // idle ones that nobody needed
  std::uint64_t discarded = 0;  // that came back not to be kept, or made room for a new one
};

template <class Address = address>
class connection_pool {
  static_assert(std::is_convertible_v<const Address&, peer_name>,
                "a connection_pool is made for an address: address::of(\"127.0.0.1:80\"), a "
                "unix_address, or a type of your own that converts to a peer_name and has a "
                "connect()");

 public:
  // What connect(Address) gives.
  using stream =
      typename detail::await_result<decltype(connect(std::declval<const Address&>()))>::value_type;
  using lease = connection_lease<connection_pool>;

  // Throws std::bad_alloc.
  explicit connection_pool(const Address& to, const pool_options& options = {})
      : to_(to), options_(options), slots_(options.connections) {
    LULL_ASSERT(options.connections != 0,
                "a connection_pool was made that may have no connection; allow some");
    idle_.reserve(options.connections);
    ended_.reserve(options.connections);
  }
  connection_pool(const connection_pool&) = delete;
  connection_pool& operator=(const connection_pool&) = delete;
  ~connection_pool() {
    LULL_ASSERT(counts_.lent == 0,
                "a connection_pool was destroyed with %llu connections lent; let them go before",
                static_cast<unsigned long long>(counts_.lent));
    LULL_ASSERT(idle_.empty(),
                "a connection_pool was destroyed with %zu idle connections; co_await its close() "
                "before",
                idle_.size());
    LULL_ASSERT(waiting_ == 0,
                "a connection_pool was destroyed while %zu tasks wait for a connection; join their "
                "scope, or co_await its close(), before",
                waiting_);
  }

  // co_await: a connection, idle or made now. Fails as connect does, with timed_out where that took
  // too long (the wait for a place does not count); operation_canceled when it is stopped, or the
  // pool closed. Throws std::bad_alloc.
  task<result<lease>> acquire() { return acquire(false); }
  // co_await: the same, but one made now; an idle one is closed for it.
  task<result<lease>> acquire_new() { return acquire(true); }
  // co_await: closes idle connections, ends those who wait, and waits until those lent have come
  // back, which are closed, and connects in progress have ended: so not by who has one. Nothing may
  // be acquired any more, and the pool may go. No stop ends it. Throws std::bad_alloc: then call it
  // again.
  task<> close();

  pool_statistics statistics() const noexcept {
    pool_statistics now = counts_;
    now.idle = idle_.size();
    return now;
  }

 private:
  friend lease;

  struct kept {
    stream connection;
    scope watching;
    bool begun = false;
    bool wanted = false;  // by acquire or close
    bool usable = true;

    explicit kept(stream c) noexcept : connection(std::move(c)) {}
    static void* operator new(std::size_t bytes) { return detail::allocate_frame(bytes); }
    static void operator delete(void* memory, std::size_t bytes) noexcept {
      detail::deallocate_frame(memory, bytes);
    }
  };
  using kept_ones = std::vector<std::unique_ptr<kept>>;  // with room for all

  // A place among those at a time, until it is handed on.
  class place {
   public:
    explicit place(connection_pool& in) noexcept : in_(&in) { ++in.counts_.lent; }
    ~place() {
      if (in_ == nullptr) return;
      in_->one_less();
      in_->slots_.release();
    }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    connection_pool* hand_on() noexcept { return std::exchange(in_, nullptr); }

   private:
    connection_pool* in_;
  };

  task<result<lease>> acquire(bool a_new_one);
  failure canceled() const noexcept { return failure(ECANCELED, "acquire a connection to", to_); }
  task<> take(kept& one);
  task<> watch(kept& one);
  void give_back(stream connection, bool keeps) noexcept;
  void one_less() noexcept {
    if (--counts_.lent == 0) all_back_.set();
  }
  void keep(stream connection);

  const Address to_;
  const pool_options options_;
  semaphore slots_;
  event all_back_;
  std::size_t waiting_ = 0;
  kept_ones idle_;   // the last to come back last
  kept_ones ended_;  // whose tasks have ended, or are about to: freed with the next who comes
  pool_statistics counts_;
  bool closed_ = false;
};

template <class Address>
task<result<typename connection_pool<Address>::lease>> connection_pool<Address>::acquire(
    bool a_new_one) {
  if (closed_) co_return canceled();
  ++waiting_;
  const bool granted = co_await slots_.acquire();
  --waiting_;
  if (!granted) co_return canceled();
  place mine(*this);
  if (closed_) co_return canceled();
  ended_.clear();
  while (!idle_.empty()) {
    auto taking = take(*idle_.back());  // without memory for it, it stays
    const std::unique_ptr<kept> last = std::move(idle_.back());
    idle_.pop_back();
    co_await std::move(taking);
    if (closed_) co_return canceled();
    if (!last->usable) continue;
    ++(a_new_one ? counts_.discarded : counts_.reused);
    if (a_new_one) break;
    co_return lease(*mine.hand_on(), std::move(last->connection), false);
  }
  const nanoseconds limit = options_.connect;
  auto made =
      co_await timeout(limit == nanoseconds::zero() ? nanoseconds::max() : limit, connect(to_));
  if (closed_) co_return canceled();
  if (!made.has_value()) co_return failure(ETIMEDOUT, "connect to", to_);
  if (!*made) {
    const bool late = made.timed_out() && made->error() == std::errc::operation_canceled;
    if (late) co_return failure(ETIMEDOUT, "connect to", to_);
    co_return made->why();
  }
  ++counts_.connected;
  co_return lease(*mine.hand_on(), *std::move(*made), true);
}

template <class Address>
task<> connection_pool<Address>::close() {
  closed_ = true;
  if (waiting_ != 0) slots_.release(waiting_);
  ended_.clear();
  while (!idle_.empty()) {
    auto taking = take(*idle_.back());  // without memory for it, it stays
    const std::unique_ptr<kept> last = std::move(idle_.back());
    idle_.pop_back();
    co_await std::move(taking);
  }
  while (waiting_ != 0) co_await yield();  // all can run, and look at the pool when they do
  while (counts_.lent != 0) {
    all_back_.reset();
    co_await shield(all_back_.wait());
  }
}

// Ends the watching, whether or not the caller is asked to stop.
template <class Address>
task<> connection_pool<Address>::take(kept& one) {
  one.wanted = true;
  if (!one.begun) co_await yield();  // it may know already that it has ended
  one.watching.request_stop();
  co_await one.watching.join();
}

template <class Address>
task<> connection_pool<Address>::watch(kept& one) {
  one.begun = true;
  nanoseconds limit = options_.idle;
  if (limit == nanoseconds::zero()) limit = nanoseconds::max();
  bool late = false;
  try {
    const auto got = co_await timeout(limit, one.connection.receive());
    late = got.timed_out();
    if (one.wanted && !late && got->error() == std::errc::operation_canceled) co_return;
  } catch (const std::bad_alloc&) {  // it cannot be watched
  }
  ++(late ? counts_.expired : counts_.ended);
  one.usable = false;
  one.connection = stream();
  if (one.wanted) co_return;
  const auto mine =
      std::find_if(idle_.begin(), idle_.end(), [&](const auto& other) { return &one == &*other; });
  ended_.push_back(std::move(*mine));
  idle_.erase(mine);
}

template <class Address>
void connection_pool<Address>::give_back(stream connection, bool keeps) noexcept {
  one_less();
  if (!keeps || closed_ || !connection.is_open() || connection.unread() != 0) {
    ++counts_.discarded;
    connection = stream();
  } else {
    try {
      keep(std::move(connection));
    } catch (const std::bad_alloc&) {
      ++counts_.discarded;
    }
  }
  slots_.release();
}

template <class Address>
void connection_pool<Address>::keep(stream connection) {
  auto one = std::make_unique<kept>(std::move(connection));
  auto watching = watch(*one);
  one->watching.start(std::move(watching), {.name = "connection_pool: idle"}, {});
  idle_.push_back(std::move(one));
}

}  // namespace lull
