// SPDX-License-Identifier: MIT
#include "stall_probe.hpp"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <system_error>

#include "core.hpp"
#include "tasks.hpp"

namespace lull::detail {
namespace {

// The frames of answer(), of the handler, and of the kernel's return from it.
constexpr std::size_t frames_of_the_handler = 3;
constexpr nanoseconds first_look = std::chrono::microseconds(20);

// How many use a signal, and what the process did with it before the first of them.
struct signal_use {
  unsigned users = 0;
  struct sigaction before{};
};
std::mutex uses_mutex;
std::array<signal_use, NSIG> uses;

[[gnu::noinline]] void look_at_core(int) noexcept {
  const int error = errno;
  core_context* const here = core_context::current();
  if (here != nullptr && here->probe != nullptr) here->probe->answer();
  errno = error;
}

void wait_a_little(nanoseconds how_long) noexcept {
  const timespec time{.tv_sec = 0, .tv_nsec = how_long.count()};
  ::nanosleep(&time, nullptr);
}

}  // namespace

char thread_state(int thread) noexcept {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/self/task/%d/stat", thread);
  const int file = ::open(path.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  std::array<char, 128> text{};  // the state follows the name, of 15 bytes
  const ssize_t bytes = ::read(file, text.data(), text.size() - 1);
  ::close(file);
  const char* const name_end = bytes > 0 ? std::strrchr(text.data(), ')') : nullptr;
  return name_end != nullptr && name_end[1] == ' ' ? name_end[2] : char{0};
}

stall_signal::stall_signal(int signal) : signal_(signal) {
  // The first call loads a library, which no handler may.
  void* here = nullptr;
  ::backtrace(&here, 1);
  const auto number = static_cast<std::size_t>(signal_);
  const std::lock_guard lock(uses_mutex);
  if (number < uses.size() && uses[number].users != 0) {
    ++uses[number].users;
    return;
  }
  struct sigaction before{};
  struct sigaction action{};
  action.sa_handler = &look_at_core;
  action.sa_flags = SA_RESTART;
  if (::sigaction(signal_, &action, &before) != 0) {
    throw std::system_error(errno, std::generic_category(),
                            "signal " + std::to_string(signal_) +
                                " cannot be used to look into cores that stand still; choose "
                                "another run_options::stall_signal, or 0 for none");
  }
  uses[number] = {.users = 1, .before = before};
}

stall_signal::~stall_signal() {
  const std::lock_guard lock(uses_mutex);
  signal_use& use = uses[static_cast<std::size_t>(signal_)];
  if (--use.users == 0) ::sigaction(signal_, &use.before, nullptr);
}

stall_probe::stall_probe(core_context& mine) noexcept
    : core_(mine), thread_(::pthread_self()), number_(::gettid()) {
  core_.probe = this;
}

stall_probe::~stall_probe() { core_.probe = nullptr; }

void stall_probe::ask(int signal, nanoseconds patience, std::uint64_t iteration,
                      stall_report& into) noexcept {
  const std::uint32_t question = inquiry_.ask();
  if (::pthread_kill(thread_, signal) != 0) return;
  nanoseconds waited{};
  for (nanoseconds pause = first_look; !inquiry_.is_answered(question); pause *= 2) {
    if (waited >= patience) return;
    wait_a_little(pause);
    waited += pause;
  }
  if (iteration_ != iteration) return;
  into.task = task_;
  into.task_at = task_at_;
  std::copy_n(calls_.begin() + frames_of_the_handler, into.calls.size(), into.calls.begin());
}

[[gnu::noinline]] void stall_probe::answer() noexcept {
  const std::uint32_t question = inquiry_.open_question();
  if (question == 0) return;
  iteration_ = static_cast<const core&>(core_).iteration();
  task_ = {};
  task_at_ = {};
  calls_ = {};
  ::backtrace(calls_.data(), static_cast<int>(calls_.size()));
  const auto* const task = static_cast<const task_record*>(participant::current()->running);
  if (task != nullptr) {
    const std::string_view name = name_of(*task);
    std::copy_n(name.data(), std::min(name.size(), task_.size() - 1), task_.data());
    task_at_ = innermost(*task).at();
  }
  inquiry_.answer(question);
}

}  // namespace lull::detail
