// SPDX-License-Identifier: MIT
#include <lull/io/process.hpp>

#include <fcntl.h>
#include <signal.h>

#include <array>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "../few_descriptors.hpp"
#include "children.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::has_children;
using io_test::in_both_ways;
using io_test::in_runtime;
using io_test::shell;
using io_test::start_shell;
using io_test::start_with;
using lull::child_stream;
using lull::exit_status;

namespace {

// The descriptors that a child has that is told nothing: of whoever started this program, if any.
std::set<int> inheritable() {
  std::set<int> all = {0, 1, 2};
  for (int number = 3; number < 1024; ++number) {
    const int flags = ::fcntl(number, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) all.insert(number);
  }
  return all;
}

lull::task<std::string> read_all(lull::pipe_reader& from) {
  std::string text;
  for (;;) {
    std::array<std::byte, 512> into;
    const auto got = co_await from.read(into);
    REQUIRE(got);
    if (*got == 0) break;
    text.append(reinterpret_cast<const char*>(into.data()), *got);
  }
  co_return text;
}

}  // namespace

TEST_CASE("a program is started and its end waited for, whatever it is") {
  in_both_ways([]() -> lull::task<> {
    for (const int code : {0, 7, 255}) {
      auto child = co_await start_shell("exit " + std::to_string(code));
      REQUIRE(child);
      CHECK(child->id() > 0);
      for (int again = 0; again < 2; ++again) {
        const auto status = co_await child->wait();
        REQUIRE(status);
        CHECK(*status == exit_status{.code = code});
        CHECK(status->succeeded() == (code == 0));
      }
      CHECK(!child->is_running());
    }
    auto child = co_await start_shell("kill -TERM $$");
    const auto status = co_await child->wait();
    CHECK(*status == exit_status{.signal = SIGTERM});
    CHECK(!status->succeeded());
  });
}

TEST_CASE("a child reads and writes pipes, its errors apart from its output") {
  in_both_ways([]() -> lull::task<> {
    lull::process_options options = shell("read line; echo got $line; echo wrong >&2; cat");
    options.input = options.output = options.errors = child_stream::pipe;
    auto child = co_await start_with(options);
    REQUIRE(child);
    const auto written = co_await child->input.write_all("this\nand that\n");
    CHECK(written);
    const auto closed = co_await child->input.close();
    CHECK(closed);
    const std::string output = co_await read_all(child->output);
    CHECK(output == "got this\nand that\n");
    const std::string errors = co_await read_all(child->errors);
    CHECK(errors == "wrong\n");
    const auto status = co_await child->wait();
    CHECK(status->succeeded());
  });
}

TEST_CASE("a child has its arguments, environment and working directory, and no shell between") {
  const io_test::temporary_folder folder;
  in_runtime({}, [&]() -> lull::task<> {
    lull::process_options options = shell("echo \"$1|$2\"; echo $NAME; pwd; echo $HOME");
    options.arguments.insert(options.arguments.end(), {"zero", "a b", "*;$HOME"});
    options.environment = std::vector<std::string>{"NAME=of the child"};
    options.working_directory = folder.name();
    options.output = child_stream::pipe;
    auto child = co_await start_with(options);
    REQUIRE(child);
    const std::string text = co_await read_all(child->output);
    CHECK(text == "a b|*;$HOME\nof the child\n" + folder.name() + "\n\n");
    // By PATH, and with this program's environment.
    options = {.program = "sh", .arguments = {"-c", "echo $PATH"}, .output = child_stream::pipe};
    child = co_await start_with(options);
    REQUIRE(child);
    const std::string path = co_await read_all(child->output);
    CHECK(path == std::string(::getenv("PATH")) + "\n");
  });
}

TEST_CASE("a child has no descriptor of lull's, no blocked signal, and no SIGPIPE ignored") {
  lull::run_options options;
  options.signals = {SIGUSR1};
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  in_runtime(options, []() -> lull::task<> {
    auto pipe = lull::pipe().value();
    auto other = co_await start_shell("exec sleep 100");
    const char* const script = "ls /proc/$$/fd; exec grep -E 'SigBlk|SigIgn' /proc/self/status";
    lull::process_options look = shell(script);
    look.output = child_stream::pipe;
    look.errors = child_stream::null;
    auto child = co_await start_with(look);
    REQUIRE(child);
    const std::string text = co_await read_all(child->output);
    CHECK_THAT(text, ContainsSubstring("SigBlk:\t0000000000000000\n"));
    const std::size_t ignored = text.find("SigIgn:\t");
    REQUIRE(ignored != std::string::npos);
    CHECK((std::stoull(text.substr(ignored + 8), nullptr, 16) >> (SIGPIPE - 1) & 1) == 0);
    std::istringstream listed(text.substr(0, text.find("Sig")));
    const std::set<int> has{std::istream_iterator<int>(listed), {}};
    CHECK(has == inheritable());
  });
  ::signal(SIGPIPE, before);
}

TEST_CASE("pipes to a child do not get into each other's way where standard descriptors are free") {
  in_runtime({}, []() -> lull::task<> {
    const int kept = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 100);
    ::close(STDIN_FILENO);
    bool started = false;
    {
      lull::process_options options = shell("read line; echo $line");
      options.input = options.output = child_stream::pipe;
      auto child = co_await start_with(options);
      started = static_cast<bool>(child);
      if (started) {
        const auto written = co_await child->input.write_all("text\n");
        CHECK(written);
        const std::string text = co_await read_all(child->output);
        CHECK(text == "text\n");
      }
    }
    // One of the pipes may have that number.
    while (lull::io_here().files != 0) co_await lull::sleep(std::chrono::milliseconds(1));
    ::dup2(kept, STDIN_FILENO);
    ::close(kept);
    CHECK(started);
  });
}

TEST_CASE("what cannot be started says why, and leaves nothing behind") {
  const io_test::temporary_folder folder;
  folder.put("text", "no program");
  in_runtime({}, [&]() -> lull::task<> {
    lull::process_options options{.program = "/no/such/program"};
    auto none = co_await start_with(options);
    CHECK(none.error() == std::errc::no_such_file_or_directory);
    CHECK_THAT(none.message(), ContainsSubstring("start_process /no/such/program: ") &&
                                   ContainsSubstring("there is no such program"));
    options.program = folder.path("text");
    none = co_await start_with(options);
    CHECK(none.error() == std::errc::permission_denied);
    CHECK_THAT(none.message(), ContainsSubstring("chmod +x"));
    auto nowhere = shell("exit 0");
    nowhere.working_directory = folder.path("none");
    none = co_await start_with(nowhere);
    CHECK(none.error() == std::errc::no_such_file_or_directory);
    none = co_await start_shell(std::string("exit\0 0", 7));
    CHECK(none.error() == std::errc::invalid_argument);
    none = co_await start_shell(std::string(200'000, ' '));
    CHECK(none.error() == std::errc::argument_list_too_long);
    CHECK(lull::io_here().processes == 0);
  });
}

TEST_CASE("a wait that was awaited twice counted its waiter out twice") {
  in_runtime({}, []() -> lull::task<> {
    auto child = co_await start_shell("exec sleep 100");
    REQUIRE(child);
    auto waiting = child->wait();
    const auto early = co_await lull::timeout(std::chrono::milliseconds(1), waiting);
    CHECK(early.timed_out());
    const auto killed = child->send_signal(SIGKILL);
    CHECK(killed);
    for (int i = 0; i < 2; ++i) {
      const auto status = co_await waiting;
      REQUIRE(status);
      CHECK(status->signal == SIGKILL);
    }
  });
}

TEST_CASE("without descriptors nothing is started, at whichever of them it fails") {
  in_runtime({}, []() -> lull::task<> {
    lull::process_options options = shell("exec sleep 100");
    options.input = options.output = options.errors = child_stream::pipe;
    lull::io_here();
    int refused = 0;
    int started = 0;
    const int top = ::dup(2);
    ::close(top);
    for (int more = 0; started == 0; ++more) {
      REQUIRE(more < 100);
      {
        const test::few_descriptors few(static_cast<rlim_t>(top + more));
        auto child = co_await start_with(options);
        if (child) {
          ++started;
        } else {
          ++refused;
          CHECK(child.error() == std::errc::too_many_files_open);
        }
      }
      while (lull::io_here().processes != 0 || lull::io_here().files != 0) {
        co_await lull::sleep(std::chrono::milliseconds(1));
      }
    }
    CHECK(refused >= 7);  // six ends of pipes, and the pidfd
    CHECK(!has_children());
  });
}

TEST_CASE("a process is signalled until it has ended") {
  in_both_ways([]() -> lull::task<> {
    auto child = co_await start_shell("exec sleep 100");
    REQUIRE(child);
    const auto wrong = child->send_signal(12345);
    CHECK(wrong.error() == std::errc::invalid_argument);
    CHECK(child->is_running());
    const auto sent = child->send_signal(SIGUSR1);
    CHECK(sent);
    const auto status = co_await child->wait();
    CHECK(*status == exit_status{.signal = SIGUSR1});
    const auto late = child->send_signal(SIGUSR1);
    CHECK(late.error() == std::errc::no_such_process);
    CHECK_THAT(late.message(), ContainsSubstring("send_signal /bin/sh: ") &&
                                   ContainsSubstring("it has ended already"));
  });
}
