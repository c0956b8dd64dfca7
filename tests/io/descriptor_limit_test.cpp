// SPDX-License-Identifier: MIT
#include <lull/io/descriptor_limit.hpp>

#include <sys/resource.h>

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "../few_descriptors.hpp"

using lull::allow_descriptors;
using lull::descriptors_allowed;
using test::few_descriptors;

TEST_CASE("a limit of descriptors is raised as far as is asked for, and no further") {
  const few_descriptors few(100);
  REQUIRE(descriptors_allowed() == 100);
  const auto enough = allow_descriptors(120);
  REQUIRE(enough);
  REQUIRE(descriptors_allowed() == 120);
}

TEST_CASE("a limit of descriptors that is higher than what is asked for stays") {
  const few_descriptors few(100);
  const auto enough = allow_descriptors(50);
  REQUIRE(enough);
  REQUIRE(descriptors_allowed() == 100);
}

TEST_CASE(
    "more descriptors than the machine gives anybody are refused; all that it gives are allowed") {
  const few_descriptors few(100);
  std::size_t most = 0;
  std::ifstream("/proc/sys/fs/nr_open") >> most;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto refused = allow_descriptors(most + 1);
  REQUIRE(refused.error().value() == EPERM);
  REQUIRE(refused.message().find(std::to_string(most + 1) + " descriptors") != std::string::npos);
  REQUIRE(refused.message().find("ulimit -Hn") != std::string::npos);
  REQUIRE(descriptors_allowed() == limit.rlim_max);
}
