// SPDX-License-Identifier: MIT
#include <lull/ring/submission.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include <catch2/catch_test_macros.hpp>

#include "observer.hpp"

namespace {

struct wired_ring {
  wired_ring() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  ~wired_ring() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  wired_ring(const wired_ring&) = delete;
  wired_ring& operator=(const wired_ring&) = delete;

  lull::ring ring;
  int ends[2] = {-1, -1};
};

}  // namespace

TEST_CASE("what is sent is received") {
  wired_ring wired;
  test::observer sent;
  test::observer received;
  char into[8] = {};
  wired.ring.try_submission(&received).receive(wired.ends[0], into, sizeof(into), 0);
  wired.ring.try_submission(&sent).send(wired.ends[1], "lull", 4, MSG_NOSIGNAL);
  REQUIRE(test::settle(wired.ring, received, 1));
  REQUIRE(test::settle(wired.ring, sent, 1));
  REQUIRE(sent.completions[0].result == 4);
  REQUIRE(received.completions[0].result == 4);
  REQUIRE(std::strcmp(into, "lull") == 0);
}

TEST_CASE("a cancelled receive completes with ECANCELED") {
  wired_ring wired;
  test::observer received;
  test::observer cancelled;
  char into[8];
  wired.ring.try_submission(&received).receive(wired.ends[0], into, sizeof(into), 0);
  wired.ring.submit();
  wired.ring.try_submission(&cancelled).cancel(received);
  REQUIRE(test::settle(wired.ring, received, 1));
  REQUIRE(test::settle(wired.ring, cancelled, 1));
  REQUIRE(received.completions[0].result == -ECANCELED);
  REQUIRE(cancelled.completions[0].result == 0);
}

TEST_CASE("cancelling by descriptor ends everything on it") {
  wired_ring wired;
  test::observer received;
  test::observer cancelled;
  char into[2][8];
  for (auto& one : into) {
    wired.ring.try_submission(&received).receive(wired.ends[0], one, sizeof(one), 0);
  }
  wired.ring.submit();
  wired.ring.try_submission(&cancelled).cancel_descriptor(wired.ends[0]);
  REQUIRE(test::settle(wired.ring, received, 2));
  REQUIRE(test::settle(wired.ring, cancelled, 1));
  REQUIRE(cancelled.completions[0].result == 2);
}

TEST_CASE("a shut-down peer ends a receive with nothing") {
  wired_ring wired;
  test::observer received;
  test::observer shut;
  char into[8];
  wired.ring.try_submission(&received).receive(wired.ends[0], into, sizeof(into), 0);
  wired.ring.try_submission(&shut).shutdown(wired.ends[1], SHUT_WR);
  REQUIRE(test::settle(wired.ring, received, 1));
  REQUIRE(received.completions[0].result == 0);
}

TEST_CASE("a message reaches the target on another ring") {
  lull::ring from;
  lull::ring to;
  test::observer target;
  from.try_submission(nullptr).message(to.descriptor(), target);
  from.submit();
  REQUIRE(test::settle(to, target, 1));
  REQUIRE(target.completions[0].result == 0);
  REQUIRE(from.reap() == 0);
}

TEST_CASE("a message to what is no ring completes with an error") {
  lull::ring from;
  test::observer failed;
  test::observer nobody;
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  from.try_submission(&failed).message(pipe_ends[0], nobody);
  REQUIRE(test::settle(from, failed, 1));
  REQUIRE(failed.completions[0].result < 0);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

TEST_CASE("a descriptor is read and closed through the ring") {
  lull::ring ring;
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  test::observer done;
  char into[8] = {};
  REQUIRE(::write(pipe_ends[1], "abc", 3) == 3);
  ring.try_submission(&done).read(pipe_ends[0], into, sizeof(into));
  REQUIRE(test::settle(ring, done, 1));
  REQUIRE(done.completions[0].result == 3);
  ring.try_submission(&done).close(pipe_ends[0]);
  REQUIRE(test::settle(ring, done, 2));
  REQUIRE(::write(pipe_ends[0], "x", 1) == -1);
  ::close(pipe_ends[1]);
}

TEST_CASE("a poll tells which of its events have come, and a cancel ends it") {
  wired_ring wired;
  test::observer polled;
  wired.ring.try_submission(&polled).poll(wired.ends[0], POLLIN);
  wired.ring.try_submission(&polled).poll(wired.ends[1], POLLIN | POLLOUT);
  REQUIRE(test::settle(wired.ring, polled, 1));
  REQUIRE(polled.completions[0].result == POLLOUT);
  wired.ring.try_submission(nullptr).cancel(polled);
  REQUIRE(test::settle(wired.ring, polled, 2));
  REQUIRE(polled.completions[1].result == -ECANCELED);
}

TEST_CASE("a pipe is spliced into another") {
  lull::ring ring;
  int from[2];
  int to[2];
  REQUIRE(::pipe2(from, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(to, O_CLOEXEC) == 0);
  REQUIRE(::write(from[1], "lull", 4) == 4);
  test::observer spliced;
  ring.try_submission(&spliced).splice(from[0], -1, to[1], -1, 3);
  REQUIRE(test::settle(ring, spliced, 1));
  REQUIRE(spliced.completions[0].result == 3);
  char into[8] = {};
  REQUIRE(::read(to[0], into, sizeof(into)) == 3);
  REQUIRE(std::strcmp(into, "lul") == 0);
  for (const int end : {from[0], from[1], to[0], to[1]}) ::close(end);
}

TEST_CASE("a child's end is waited for, and taken") {
  if (!lull::detected_capabilities().wait_for_child) SKIP("the kernel has no such operation");
  lull::ring ring;
  const pid_t child = ::fork();
  if (child == 0) ::_exit(7);
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
  REQUIRE(process >= 0);
  test::observer ended;
  siginfo_t how{};
  ring.try_submission(&ended).wait_for_child(process, &how);
  REQUIRE(test::settle(ring, ended, 1));
  REQUIRE(ended.completions[0].result == 0);
  REQUIRE(how.si_pid == child);
  REQUIRE(how.si_code == CLD_EXITED);
  REQUIRE(how.si_status == 7);
  REQUIRE(::waitpid(child, nullptr, 0) == -1);
  ::close(process);
}

TEST_CASE("who waits for a futex is woken, unless its word is another already") {
  if (!lull::detected_capabilities().futex) SKIP("the kernel has no such operation");
  lull::ring ring;
  for (const bool shared : {false, true}) {
    const std::uint32_t word = 5;
    test::observer waited;
    test::observer woke;
    ring.try_submission(&waited).futex_wait(&word, 5, shared);
    ring.try_submission(&woke).futex_wake(&word, 8, shared);
    REQUIRE(test::settle(ring, woke, 1));
    REQUIRE(test::settle(ring, waited, 1));
    REQUIRE(woke.completions[0].result == 1);
    REQUIRE(waited.completions[0].result == 0);
    ring.try_submission(&waited).futex_wait(&word, 6, shared);
    REQUIRE(test::settle(ring, waited, 2));
    REQUIRE(waited.completions[1].result == -EAGAIN);
  }
}
