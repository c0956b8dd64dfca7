// SPDX-License-Identifier: MIT
#pragma once

// co_await poll(descriptor, events): until a descriptor that somebody else owns is ready for
// something, so that a client library (libpq, c-ares, curl) can live on the loop: it says which
// descriptor and what for, the loop waits, the library reads and writes. Any core; suspends; ends
// when its scope is asked to stop; one submission, and no allocation but for a core's first
// operation.
//
// The descriptor stays its owner's: it is never closed here. Closing a socket or file of lull's
// ends its polls on that core (operation_canceled). Another owner that closes it while it is polled
// may not have closed it, for the kernel keeps open what it names, and the poll hears nothing of
// it, or takes the number for what has it next. End the poll before: stop its scope and join it, or
// use foreign_descriptor, which knows its polls.
//
// Where the peer of a stream has ended its half, and that was not asked for, the poll goes on
// through a descriptor of its own (epoll), for a few system calls more: EMFILE, ENFILE, ENOMEM,
// ENOSPC.

#include <poll.h>

#include <cerrno>
#include <cstdint>

#include "../sched/operation.hpp"
#include "io_core.hpp"
#include "result.hpp"

namespace lull {

// What a descriptor is ready for: a set, with the values of poll(2). The last two come unasked, and
// no other does.
enum class readiness : std::uint32_t {
  none = 0,
  readable = POLLIN,  // there are bytes, an end, or a connection to accept
  writable = POLLOUT,
  priority = POLLPRI,
  peer_ended = 0x2000,  // POLLRDHUP: the peer of a stream sends no more
  error = POLLERR,      // ask the library, or SO_ERROR; of a pipe: nobody reads
  hung_up = POLLHUP,
};

constexpr readiness operator|(readiness a, readiness b) noexcept {
  return static_cast<readiness>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr readiness operator&(readiness a, readiness b) noexcept {
  return static_cast<readiness>(static_cast<std::uint32_t>(a) & static_cast<std::uint32_t>(b));
}
// Whether `set` has something of `wanted`.
constexpr bool has_any(readiness set, readiness wanted) noexcept {
  return (set & wanted) != readiness::none;
}

namespace detail {

// Hears what was asked of a descriptor and no more, as epoll does: a poll of io_uring says unasked
// that the peer of a stream has ended, at once and each time.
class poll_filter {
 public:
  poll_filter() noexcept = default;
  poll_filter(const poll_filter&) = delete;
  poll_filter& operator=(const poll_filter&) = delete;
  ~poll_filter();

  bool is_open() const noexcept { return number_ >= 0; }
  // An errno, or 0.
  int open(int descriptor, readiness events) noexcept;
  // What is readable when something has come.
  int number() const noexcept { return number_; }
  // What has come.
  readiness take() const noexcept;

 private:
  int number_ = -1;
};

template <class Derived>
class poll_operation : public operation<Derived>, private passed_by {
 public:
  static constexpr const char* name = "poll";

  // Throws std::bad_alloc with nothing begun.
  bool await_suspend(suspended awaiting) {
    io_core& here = io_core::of(this_context(name));
    ++here.statistics.polls;
    here.passed_by_cancels.add(*this);
    return operation<Derived>::await_suspend(awaiting);
  }
  void prepare(submission entry) noexcept {
    if (filter_.is_open()) {
      entry.poll(filter_.number(), POLLIN);
    } else {
      entry.poll(descriptor_, static_cast<std::uint32_t>(events_));
    }
  }

 protected:
  poll_operation(int descriptor, readiness events) noexcept
      : passed_by(&poll_operation::closed, descriptor), descriptor_(descriptor), events_(events) {
    this->complete = &poll_operation::heard;
  }

  failure failed(int code) const noexcept {
    return failure(code, name, failure::thing::descriptor, descriptor_);
  }
  // What the kernel said. It needs no thread for a poll: what is ended by another is so by a cancel
  // by descriptor of who closes the same open file.
  result<readiness> ready() noexcept {
    passed_by::unlink();
    const std::int32_t events = this->answer();
    if (this->ended_by_another(events)) return failed(ECANCELED);
    if (events < 0) return failed(-events);
    return static_cast<readiness>(events);
  }

 private:
  static void heard(completion_target& self, completion what) noexcept {
    auto& me = static_cast<poll_operation&>(self);
    if (what.result > 0) {
      readiness come = static_cast<readiness>(what.result);
      come = me.filter_.is_open() ? me.filter_.take()
                                  : come & (me.events_ | readiness::error | readiness::hung_up);
      if (come == readiness::none) [[unlikely]] {
        // Once it is being ended the number may be that of something else.
        const bool opens = !me.is_ending() && !me.filter_.is_open();
        const int code = opens ? me.filter_.open(me.descriptor_, me.events_) : 0;
        if (code == 0 && me.again(&poll_operation::fill)) return;
        what.result = code == 0 ? -ECANCELED : -code;
      } else {
        what.result = static_cast<std::int32_t>(come);
      }
    }
    operation<Derived>::completed(self, what);
  }

  static void closed(passed_by& self) noexcept { static_cast<poll_operation&>(self).cancel(); }

  int descriptor_;
  readiness events_;
  poll_filter filter_;
};

class [[nodiscard]] poll_once : public poll_operation<poll_once> {
 public:
  poll_once(int descriptor, readiness events) noexcept : poll_operation(descriptor, events) {}
  result<readiness> await_resume() noexcept { return ready(); }
};

}  // namespace detail

// Gives which of `events` have come, with error and hung_up if they have: at once, if something
// has already. It is the state that counts: who does not read is told again. A file on a device is
// always ready. EBADF where nothing is open. Throws std::bad_alloc.
inline detail::poll_once poll(int descriptor, readiness events) noexcept {
  return detail::poll_once(descriptor, events);
}

}  // namespace lull
