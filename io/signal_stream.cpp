// SPDX-License-Identifier: MIT
#include "signal_stream.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "descriptor.hpp"

namespace lull {

result<received_signal> detail::read_signal::await_resume() noexcept {
  const std::int32_t code = end();
  if (code < 0) return failed(-code);
  received_signal came;
  came.number = static_cast<int>(raw_.ssi_signo);
  came.sender = static_cast<pid_t>(raw_.ssi_pid);
  came.user = raw_.ssi_uid;
  came.value = raw_.ssi_int;
  return came;
}

result<signal_stream> signal_stream::open(std::initializer_list<int> signals) {
  detail::core_context& home = detail::this_context("signal_stream::open()");
  detail::signal_set wanted;
  for (const int number : signals) {
    if (!wanted.add(number)) return failure(EINVAL, "open", failure::thing::signals);
  }
  const int free_one = detail::not_blocked_here(wanted).first();
  LULL_ASSERT(
      free_one == 0,
      "a signal_stream was opened for signal %d (%s), which is not blocked in the thread of "
      "core %u; name it in run_options::signals, which blocks it in all threads",
      free_one, ::strsignal(free_one), home.index);
  detail::claimed_signals claimed(wanted);
  const int taken = detail::signal_set(wanted.bits() & ~claimed.mine().bits()).first();
  LULL_ASSERT(
      taken == 0,
      "a signal_stream was opened for signal %d (%s), which is read already, by another "
      "stream or by the runtime (run_options::handle_signals); let one read it and tell the "
      "others",
      taken, ::strsignal(taken));
  const int number = detail::open_signals(wanted);
  if (number < 0) return failure(-number, "open", failure::thing::signals);
  lull::descriptor owned(number);
  auto* const state =
      new detail::file_state(detail::io_core::of(home), failure::thing::signals, owned.get());
  static_cast<void>(owned.release());
  return signal_stream(state, std::move(claimed));
}

}  // namespace lull
