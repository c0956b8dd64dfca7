// SPDX-License-Identifier: MIT
#include "signal_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <system_error>

#include "signals.hpp"

namespace lull::detail {
signal_reader::signal_reader(core_context& on, function call, void* state)
    : completion_target(&signal_reader::arrived),
      home_(on),
      call_(call),
      state_(state),
      descriptor_(open_signals(stopping_signals())) {
  if (descriptor_ < 0) {
    throw std::system_error(-descriptor_, std::generic_category(),
                            "no descriptor to read signals from; raise the limit with 'ulimit -n'");
  }
  ++home_.background;
  arm();
}

signal_reader::~signal_reader() { ::close(descriptor_); }

void signal_reader::arm() noexcept { request(home_, this, &signal_reader::fill); }

void signal_reader::close() noexcept {
  closing_ = true;
  if (waiting()) {
    withdraw();
    --home_.background;
  } else {
    request(home_, &cancel_answer_, &signal_reader::fill_cancel);
  }
}

void signal_reader::fill(submitter& self, submission entry) noexcept {
  auto& me = static_cast<signal_reader&>(self);
  entry.poll(me.descriptor_, POLLIN);
}

void signal_reader::fill_cancel(submitter& self, submission entry) noexcept {
  auto& me = static_cast<signal_reader&>(self);
  ++me.home_.background;  // until it is answered
  entry.cancel(me);
}

void signal_reader::answered(std::int32_t result) noexcept {
  if (!ended_ && result < 0) {
    repeat(home_, &cancel_answer_, &signal_reader::fill_cancel, repeats_);
  }
  --home_.background;
}

void signal_reader::arrived(completion_target& self, completion what) noexcept {
  auto& me = static_cast<signal_reader&>(self);
  if (what.result > 0) {
    while (const int signal = take_signal(stopping_signals())) me.call_(me.state_, signal);
  }
  if (me.closing_) {
    me.end_repeat(me.home_);
    me.ended_ = true;
    --me.home_.background;
  } else {
    me.arm();
  }
}

}  // namespace lull::detail
