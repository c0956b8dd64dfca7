// SPDX-License-Identifier: MIT
#include "../../examples/kv/command_table.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cctype>
#include <string>

TEST_CASE("every command is found by its name in any case, and by no other") {
  for (const kv::command_entry& each : kv::all_commands()) {
    std::string name{each.name};
    INFO(name);
    CHECK(&kv::entry_of(kv::find_command(name)) == &each);
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
    CHECK(&kv::entry_of(kv::find_command(name)) == &each);
    CHECK(kv::find_command(name + "x") == kv::command::unknown);
    CHECK(kv::find_command(name.substr(0, name.size() - 1) + '\x01') == kv::command::unknown);
  }
  CHECK(kv::find_command("") == kv::command::unknown);
  CHECK(kv::find_command(std::string_view{"GET\0", 4}) == kv::command::unknown);
  CHECK(kv::find_command("PEXPIREAX") == kv::command::unknown);
}

TEST_CASE("a byte that is no letter was taken for another one in the name of a command") {
  for (const kv::command_entry& each : kv::all_commands()) {
    for (std::size_t at = 0; at < each.name.size(); ++at) {
      for (int other = 0; other < 256; ++other) {
        std::string name{each.name};
        const bool same = std::tolower(other) == static_cast<unsigned char>(name[at]);
        name[at] = static_cast<char>(other);
        const kv::command found = kv::find_command(name);
        if ((found != kv::command::unknown && &kv::entry_of(found) == &each) != same) {
          FAIL_CHECK(each.name << " with byte " << other << " at " << at);
        }
      }
    }
  }
}

TEST_CASE("a negative number of words is the least there must be") {
  const kv::command_entry& set = kv::entry_of(kv::command::set);
  CHECK_FALSE(kv::arity_fits(set, 2));
  CHECK(kv::arity_fits(set, 3));
  CHECK(kv::arity_fits(set, 9));
  CHECK_FALSE(kv::arity_fits(kv::entry_of(kv::command::get), 3));
}
