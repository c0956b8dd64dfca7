// SPDX-License-Identifier: MIT
#include "spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <utility>

#include "no_write_signals.hpp"

namespace lull::detail {
namespace {

// What posix_spawn is told beside the program. The first error stays.
class spawn_settings {
 public:
  spawn_settings() noexcept {
    note(::posix_spawn_file_actions_init(&actions_));
    note(::posix_spawnattr_init(&attributes_));
  }
  ~spawn_settings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  spawn_settings(const spawn_settings&) = delete;
  spawn_settings& operator=(const spawn_settings&) = delete;

  void stream(int number, child_stream kind, const descriptor& end) noexcept {
    if (kind == child_stream::null) {
      note(::posix_spawn_file_actions_addopen(&actions_, number, "/dev/null", O_RDWR, 0));
    } else if (kind == child_stream::pipe) {
      note(::posix_spawn_file_actions_adddup2(&actions_, end.get(), number));
    }
  }
  void working_directory(const std::string& path) noexcept {
    if (!path.empty()) note(::posix_spawn_file_actions_addchdir_np(&actions_, path.c_str()));
  }
  // The threads of the runtime block signals, those of refused writes among them: nothing of that
  // is the child's.
  void signals() noexcept {
    sigset_t set;
    sigemptyset(&set);
    note(::posix_spawnattr_setsigmask(&attributes_, &set));
    set = write_signals();
    note(::posix_spawnattr_setsigdefault(&attributes_, &set));
    note(::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
  }

  int error() const noexcept { return error_; }
  const posix_spawn_file_actions_t* actions() const noexcept { return &actions_; }
  const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

 private:
  void note(int error) noexcept {
    if (error_ == 0) error_ = error;
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  int error_ = 0;
};

// As exec takes them: null at the end.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> all;
  all.reserve(texts.size() + 1);
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

// A child without a pidfd could be lost: it is taken back.
int end_at_once(pid_t child, int error) noexcept {
  ::kill(child, SIGKILL);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {}
  return error;
}

// Throws std::bad_alloc with nothing started.
int start_child(spawn_request& request, process_state& process) {
  process_options& options = request.options;
  spawn_settings settings;
  settings.working_directory(options.working_directory);
  settings.stream(STDIN_FILENO, options.input, request.input);
  settings.stream(STDOUT_FILENO, options.output, request.output);
  settings.stream(STDERR_FILENO, options.errors, request.errors);
  settings.signals();
  if (settings.error() != 0) return settings.error();
  options.arguments.insert(options.arguments.begin(), options.program);
  std::vector<char*> arguments = pointers_to(options.arguments);
  std::vector<char*> environment;
  if (options.environment) environment = pointers_to(*options.environment);

  pid_t child = 0;
  const int code =
      ::posix_spawnp(&child, options.program.c_str(), settings.actions(), settings.attributes(),
                     arguments.data(), options.environment ? environment.data() : environ);
  if (code != 0) return code;
  lull::descriptor known(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (!known) return end_at_once(child, errno);
  process.adopt(child, std::move(known));
  return 0;
}

}  // namespace

// What it was given goes back to the core, whatever happens.
spawn_outcome spawn_blocking(spawn_request request, process_owner process) noexcept {
  spawn_outcome outcome;
  try {
    outcome.error = start_child(request, *process);
  } catch (const std::bad_alloc&) {
    outcome.error = ENOMEM;
  }
  outcome.process = std::move(process);
  return outcome;
}

}  // namespace lull::detail
