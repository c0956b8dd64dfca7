// SPDX-License-Identifier: MIT
#pragma once

// For what must end the program: a test runs it in a child, while the test has a single thread.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>

#include <catch2/catch_test_macros.hpp>

namespace test {

// What a child that runs `body` writes to stderr, and how it ends.
struct ended {
  std::string said;
  int signal = 0;
  int status = 0;  // if no signal ended it
};

template <class Body>
ended run_child(Body body) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const ::pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const ::rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::signal(SIGABRT, SIG_DFL);
    ::dup2(ends[1], 2);
    try {
      body();
    } catch (...) {
      std::fputs("the child threw\n", stderr);
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  ended result;
  char text[256];
  for (::ssize_t got = 0; (got = ::read(ends[0], text, sizeof text)) > 0;) {
    result.said.append(text, static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  if (WIFEXITED(status)) result.status = WEXITSTATUS(status);
  return result;
}

}  // namespace test
