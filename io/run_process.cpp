// SPDX-License-Identifier: MIT
#include "run_process.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>
#include <utility>

#include "../sched/shield.hpp"
#include "../sched/when_all.hpp"

namespace lull {
namespace {

constexpr std::size_t least_room_of_output = 4096;

// Ends the others too.
struct run_failed {
  int code;
};

task<> collect(pipe_reader& from, std::string& into, std::size_t at_most) {
  std::size_t filled = 0;
  while (from.is_open()) {
    if (filled == into.size()) into.resize(std::max(2 * filled, least_room_of_output));
    auto reading = from.read(std::as_writable_bytes(std::span(into).subspan(filled)));
    const auto got = co_await reading;
    if (!got) throw run_failed{got.why().code};
    if (*got == 0) break;
    filled += *got;
    if (filled > at_most) throw run_failed{EFBIG};
  }
  into.resize(filled);
}

task<> feed(pipe_writer& to, const std::string& text) {
  if (!to.is_open()) co_return;
  auto writing = to.write_all(text);
  const auto written = co_await writing;
  if (!to.is_open()) co_return;  // the child has ended
  if (!written && written.why().code != EPIPE) throw run_failed{written.why().code};
  auto closing = to.close();
  static_cast<void>(co_await closing);
}

// Who has the input open afterwards reads no more of it: it was for the child.
task<> wait_for(process& child, exit_status& into) {
  auto waiting = child.wait();
  const auto status = co_await waiting;
  if (!status) throw run_failed{status.why().code};
  into = *status;
  if (!child.input.is_open()) co_return;
  auto closing = child.input.close();
  static_cast<void>(co_await closing);
}

// Until nothing is left of it.
task<> kill_and_wait(process& child) {
  static_cast<void>(child.send_signal(SIGKILL));
  auto waiting = child.wait();
  static_cast<void>(co_await waiting);
}

}  // namespace

task<result<process_result>> run_process(process_options options, std::string input,
                                         std::size_t at_most) {
  const path_text program(options.program);
  for (child_stream* const stream : {&options.output, &options.errors}) {
    if (*stream != child_stream::null) *stream = child_stream::pipe;
  }
  if (!input.empty()) options.input = child_stream::pipe;
  auto starting = start_process(std::move(options));
  auto started = co_await std::move(starting);
  if (!started) {
    co_return failure(started.why().code, "run_process", program, failure::thing::process);
  }
  process child = std::move(*started);
  process_result all;
  int code = 0;
  std::exception_ptr no_memory;
  try {
    co_await when_all(feed(child.input, input), collect(child.output, all.output, at_most),
                      collect(child.errors, all.errors, at_most), wait_for(child, all.status));
  } catch (const run_failed& error) {
    code = error.code;
  } catch (...) {
    no_memory = std::current_exception();
  }
  if (code != 0 || no_memory) {
    auto ending = kill_and_wait(child);
    co_await shield(std::move(ending));
  }
  if (no_memory) std::rethrow_exception(no_memory);
  if (code != 0) co_return failure(code, "run_process", program, failure::thing::process);
  co_return std::move(all);
}

}  // namespace lull
