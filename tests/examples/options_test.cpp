// SPDX-License-Identifier: MIT
#include "../../examples/kv/options.hpp"

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace {

std::string complaint_about(const std::vector<const char*>& words) {
  kv::options options;
  std::string complaint;
  const bool good = kv::parse_options(words, options, complaint);
  CHECK(good == complaint.empty());
  return complaint;
}

}  // namespace

TEST_CASE("without options the server listens on this machine alone, with limits") {
  kv::options options;
  std::string complaint;
  REQUIRE(kv::parse_options({}, options, complaint));
  CHECK(options.bind_address == "127.0.0.1");
  CHECK(options.port == 6380);
  CHECK(options.limits.connections == 10'000);
  CHECK(options.limits.request.bulk_size == 512U << 20);
}

TEST_CASE("options take their value behind a blank or an equals sign") {
  kv::options options;
  std::string complaint;
  const std::vector<const char*> words{
      "--port", "7000", "--bind=::1", "--cores=2", "--max-memory=5", "--max-connections", "9"};
  REQUIRE(kv::parse_options(words, options, complaint));
  CHECK(options.port == 7000);
  CHECK(options.bind_address == "::1");
  CHECK(options.cores == 2);
  CHECK(options.limits.memory == 5);
  CHECK(options.limits.connections == 9);
}

TEST_CASE("options that are not understood are refused with a sentence") {
  CHECK(complaint_about({"--prot", "1"}) == "'--prot' is no option of this server; see --help");
  CHECK(complaint_about({"--port"}) == "--port needs a value behind it; see --help");
  CHECK(complaint_about({"--port", "65536"}) ==
        "--port takes a number from 0 to 65535, and got '65536'; see --help");
  CHECK(complaint_about({"--cores=0"}) ==
        "--cores takes a number from 1 to 1024, and got '0'; see --help");
  CHECK(complaint_about({"--max-memory", "1g"}).ends_with("got '1g'; see --help"));
}

TEST_CASE("--max-frame allowed arguments that no request has room for") {
  const std::size_t whole = kv::server_limits{}.query;
  CHECK(complaint_about({"--max-frame", "1072693249"}) ==
        "--max-frame takes a number from 1024 to 1072693248, and got '1072693249'; see --help");
  kv::options options;
  std::string complaint;
  const std::vector<const char*> words{"--max-frame", "1072693248"};
  REQUIRE(kv::parse_options(words, options, complaint));
  CHECK(options.limits.request.bulk_size + (1U << 20) <= whole);
}

TEST_CASE("a long --shutdown-ms was cut short by the runtime's own limit") {
  kv::options options;
  std::string complaint;
  const std::vector<const char*> words{"--shutdown-ms", "600000", "--cores", "3"};
  REQUIRE(kv::parse_options(words, options, complaint));
  const lull::run_options how = kv::runtime_options(options);
  CHECK(how.shutdown_limit > std::chrono::milliseconds(600'000));
  CHECK(how.cores.size() == 3);
}
