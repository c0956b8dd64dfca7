// SPDX-License-Identifier: MIT
#include <lull/base/assert.hpp>

#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <cstdlib>
#include <string>

#include "../run_child.hpp"

using test::ended;
using test::run_child;

TEST_CASE("a condition that holds is looked at once and nothing is said") {
  int looked = 0;
  const ended end = run_child([&] {
    LULL_ASSERT(++looked == 1, "looked at %d times", looked);
    if (looked != 1) std::abort();
  });
  CHECK(end.signal == 0);
  CHECK(end.said.empty());
}

TEST_CASE("a condition that fails stops the program with the sentence, its values and the place") {
  const ended end = run_child([] {
    const int core = 2;
    LULL_ASSERT(core == 0, "called on core %d, belongs to core %d", core, 0);
  });
  CHECK(end.signal == SIGABRT);
  CHECK(end.said.starts_with("lull: called on core 2, belongs to core 0 (assert_test.cpp:"));
  CHECK(end.said.ends_with(")\n"));
}

TEST_CASE("a sentence that is too long is cut and still stops the program") {
  const ended end = run_child([] {
    const std::string text(5000, 'x');
    LULL_ASSERT(text.empty(), "long: %s", text.c_str());
  });
  CHECK(end.signal == SIGABRT);
  CHECK(end.said.size() > 1000);
  CHECK(end.said.size() < 1200);
}

TEST_CASE("a debug assertion looks at its condition in checked builds only") {
  int looked = 0;
  LULL_DEBUG_ASSERT(++looked == 1, "looked at %d times", looked);
#ifdef LULL_CHECKED
  CHECK(looked == 1);
#else
  CHECK(looked == 0);
#endif
}
