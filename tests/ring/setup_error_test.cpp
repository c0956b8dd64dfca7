// SPDX-License-Identifier: MIT
#include <lull/ring/setup_error.hpp>

#include <cerrno>
#include <string>

#include <catch2/catch_test_macros.hpp>

TEST_CASE("each reason for having no ring names its remedy") {
  const auto text = [](int error) { return std::string(lull::setup_error(-error).what()); };
  REQUIRE(text(EPERM).find("io_uring") != std::string::npos);
  REQUIRE((text(EPERM).find("seccomp") != std::string::npos ||
           text(EPERM).find("sysctl") != std::string::npos));
  REQUIRE(text(ENOSYS).find("CONFIG_IO_URING") != std::string::npos);
  REQUIRE(text(ENOMEM).find("ulimit -l") != std::string::npos);
  REQUIRE(text(EMFILE).find("ulimit -n") != std::string::npos);
  REQUIRE(text(ENFILE).find("fs.file-max") != std::string::npos);
  REQUIRE(text(EINVAL).find("6.1") != std::string::npos);
  REQUIRE(lull::setup_error(-ENOMEM).code().value() == ENOMEM);
}

TEST_CASE("a ring that cannot be restricted says why, and how to do without") {
  const std::system_error error = lull::restriction_error(-EINVAL);
  const std::string text = error.what();
  REQUIRE(text.find("older than Linux 6.1") != std::string::npos);
  REQUIRE(text.find("ring_options::restricted") != std::string::npos);
  REQUIRE(error.code().value() == EINVAL);
}
