// SPDX-License-Identifier: MIT
#include "errands.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "../open_descriptors.hpp"

namespace simulation {
namespace {

constexpr unsigned most_waits = 3;

}  // namespace

errands::errands(schedule& s, simulated_kernel& kernel)
    : simulated_program(s, kernel),
      open_before_(test::open_descriptors()),
      blocked_(false, {SIGRTMIN}) {}

void errands::end_cores() {
  simulated_program::end_cores();
  children_.clear();
  if (test::open_descriptors() != open_before_) by.fail("a descriptor stays open");
  if (::waitid(P_ALL, 0, nullptr, WEXITED | WNOHANG | WNOWAIT) == 0)
    by.fail("a child stays behind");
}

lull::task<> errands::run() {
  lull::scope all;
  if (by.chance(4)) all.spawn([this] { return start_and_wait(); });
  if (by.chance(2)) all.spawn([this] { return listen(); });
  for (unsigned i = 1 + by.random.below(2); i > 0; --i) all.spawn([this] { return count(); });
  co_await all.join();
}

// Starting a program takes a thread of the runtime's: here a child is made at once.
errands::child& errands::start() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) by.fail("there is no pipe for a child");
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t id = ::fork();
  if (id == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGTERM, SIG_DFL);  // the test program's own until here
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    char code = 0;
    ::_exit(::read(ends[0], &code, 1) == 1 ? code : 99);
  }
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  ::close(ends[0]);
  const auto process = static_cast<int>(::syscall(SYS_pidfd_open, id, 0));
  if (id < 0 || process < 0) by.fail("there is no child");
  children_.push_back(
      {id, process, lull::descriptor(ends[1]), static_cast<int>(by.random.below(90))});
  return children_.back();
}

// Until it has, and everybody can see it.
void errands::let_end(child& one) {
  siginfo_t how;
  if (::waitid(P_PID, static_cast<id_t>(one.id), &how, WEXITED | WNOHANG | WNOWAIT) != 0) {
    one.ended = true;  // it was killed, for want of a way to wait for it
    return;
  }
  const char code = static_cast<char>(one.code);
  if (one.signal == 0 && ::write(one.input.get(), &code, 1) != 1)
    by.fail("a child does not listen");
  ::waitid(P_PID, static_cast<id_t>(one.id), &how, WEXITED | (one.taken ? 0 : WNOWAIT));
  one.ended = true;
  one.ended_at = by.now();
  by.note("a child ends", one.code, one.signal);
  kernel_.say_ended(one.descriptor);
}

lull::task<> errands::start_and_wait() {
  child& mine = start();
  auto& here = lull::detail::io_core::of(lull::detail::this_context("start"));
  lull::detail::process_owner process(new lull::detail::process_state(here, "child"));
  process->adopt(mine.id, lull::descriptor(mine.descriptor));
  process->begin();
  const bool drops = by.chance(4);
  mine.runs_on = drops;
  mine.taken = by.chance(6);
  lull::scope all;
  for (unsigned i = 1 + by.random.below(most_waits); i > 0; --i) {
    all.spawn([this, &process, &mine, drops] { return wait_for(*process, mine, drops); });
  }
  if (by.chance(2)) {
    co_await lull::sleep(2 * a_while());
    const bool is_there = !process->ended();
    const int code = process->send(SIGTERM);
    if (code != 0 && code != ESRCH) by.fail("a child could not be sent a signal");
    if (code == 0 && !mine.ended) {
      mine.signal = SIGTERM;
      ++done.killed;
    }
    if (!is_there) ++done.not_there;
    if (!is_there && code != ESRCH) by.fail("a signal was sent to nobody knows whom");
  }
  co_await all.join();
  if (process->ended()) co_return;
  ++done.dropped;
  mine.signal = SIGKILL;
}

lull::task<> errands::wait_for(lull::detail::process_state& process, const child& of, bool drops) {
  for (unsigned left = most_waits; left > 0; --left) {
    const bool patient = !drops && (left == 1 || by.chance(2));
    const auto how = co_await lull::timeout(patient ? ever : 2 * a_while(),
                                            lull::detail::wait_for_process(process));
    if (*how) {
      if (!of.ended || of.taken) by.fail("a child that runs has ended, somebody says");
      if (by.now() - of.ended_at > std::chrono::minutes(1)) by.fail("a child's end came late");
      const lull::exit_status right = {.code = of.signal == 0 ? of.code : 0, .signal = of.signal};
      if (**how != right) by.fail("a child ended in another way");
      ++done.ended;
      co_return;
    }
    const int code = how->why().code;
    if (code == ECHILD && of.taken && of.ended) {
      ++done.taken;
      co_return;
    }
    if (code == ENOMEM && kernel_.made.refused_polls != 0) {
      ++done.lost;
      co_return;
    }
    if (code != ECANCELED || patient) {
      by.fail("a child was not waited for, for no reason: " + how->why().message());
    }
    ++done.given_up;
  }
}

bool errands::can_act() const {
  if (kernel_.has_file_work() || to_send_ > sent_) return true;
  return std::any_of(children_.begin(), children_.end(),
                     [](const child& one) { return one.can_end(); }) ||
         std::any_of(counters_.begin(), counters_.end(),
                     [](const counter& one) { return one.adding != 0 && !one.closed; });
}

void errands::act() {
  for (child& one : children_) {
    if (one.can_end() && by.chance(2)) return let_end(one);
  }
  if (to_send_ > sent_ && by.chance(2)) {
    by.note("a signal is sent", sent_);
    ::sigqueue(::getpid(), SIGRTMIN, {.sival_int = sent_++});
    return kernel_.tell_given();
  }
  for (counter& one : counters_) {
    if (one.adding == 0 || one.closed || by.chance(2)) continue;
    by.note("somebody outside adds");
    pollfd room{one.event.descriptor(), POLLOUT, 0};
    if (::poll(&room, 1, 0) != 1) continue;  // it would wait, and there is no thread for that
    one.event.add_one();
    ++one.added;
    ++done.added_outside;
    return kernel_.tell_given();
  }
}

}  // namespace simulation
