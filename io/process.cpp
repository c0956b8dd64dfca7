// SPDX-License-Identifier: MIT
#include "process.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "../sched/offload.hpp"

namespace lull {
namespace {

constexpr const char* operation = "start_process";

bool has_zero(const process_options& options) noexcept {
  const auto zero_in = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  return zero_in(options.program) || zero_in(options.working_directory) ||
         std::ranges::any_of(options.arguments, zero_in) ||
         (options.environment && std::ranges::any_of(*options.environment, zero_in));
}

// Away from 0 to 2, where it would be in the way of another one of the child. None: errno says why.
descriptor above_standard(descriptor one) noexcept {
  if (one.get() > STDERR_FILENO) return one;
  return descriptor(::fcntl(one.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

// Both ends of a pipe, if one is asked for. 0 or an errno.
int make_pipe(child_stream kind, bool child_reads, descriptor& own, descriptor& childs) noexcept {
  if (kind != child_stream::pipe) return 0;
  int ends[2];
  if (::syscall(SYS_pipe2, ends, O_CLOEXEC) != 0) return errno;
  own = descriptor(ends[child_reads ? 1 : 0]);
  childs = above_standard(descriptor(ends[child_reads ? 0 : 1]));
  return childs ? 0 : errno;
}

}  // namespace

result<exit_status> detail::wait_for_process::await_resume() noexcept {
  if (std::exchange(waits_, false)) process_.has_waited();
  if (process_.ended()) return process_.status("wait");
  return failure(ECANCELED, "wait", process_.program(), failure::thing::process);
}

result<void> process::send_signal(int number) noexcept {
  state().check_core("send_signal");
  const int code = state().send(number);
  if (code != 0) {
    return failure(code, "send_signal", state().program(), failure::thing::process);
  }
  return {};
}

task<result<process>> start_process(process_options options) {
  detail::io_core& here = detail::io_core::of(detail::this_context(operation));
  const path_text program(options.program);
  const auto failed = [&](int code) {
    return failure(code, operation, program, failure::thing::process);
  };
  if (has_zero(options)) co_return failed(EINVAL);
  detail::spawn_request request;
  descriptor input;
  descriptor output;
  descriptor errors;
  int code = make_pipe(options.input, true, input, request.input);
  if (code == 0) code = make_pipe(options.output, false, output, request.output);
  if (code == 0) code = make_pipe(options.errors, false, errors, request.errors);
  if (code != 0) co_return failed(code);

  process made;
  if (input) made.input = pipe_writer(std::move(input));
  if (output) made.output = pipe_reader(std::move(output));
  if (errors) made.errors = pipe_reader(std::move(errors));
  request.options = std::move(options);
  detail::process_owner state(new detail::process_state(here, program));
  try {
    offload starting(&detail::spawn_blocking, std::move(request), std::move(state));
    detail::spawn_outcome outcome = co_await starting;
    code = outcome.error;
    made.state_ = std::move(outcome.process);
  } catch (const std::system_error& error) {  // stopped, or no thread to be had
    code = error.code().value();
  }
  if (code != 0) co_return failed(code);
  made.state_->begin();
  co_return std::move(made);
}

}  // namespace lull
