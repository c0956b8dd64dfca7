// SPDX-License-Identifier: MIT
#include "with_stop_token.hpp"

#include "core.hpp"

namespace lull::detail {

void token_stop::begin(suspended awaiting) noexcept {
  home_ = &core::current();
  waiter_.is_for(awaiting, "with_stop_token");
  stop_below::begin(awaiting.stop());
  if (token_.stop_requested()) {
    request();
  } else {
    callback_.emplace(std::move(token_), callback(*this));
  }
}

void token_stop::post() noexcept {
  posted_ = true;
  home_->post(*this);  // the last touch: what follows on the core waits for the callback's end
}

void token_stop::arrived(message& self) noexcept {
  auto& me = static_cast<token_stop&>(self);
  me.delivered_ = true;
  if (me.ended_) {
    me.home_->ready.push(me.waiter_);
  } else {
    me.request();
  }
}

std::coroutine_handle<> token_stop::has_ended(end_hook& self) noexcept {
  auto& me = static_cast<token_stop&>(self);
  me.callback_.reset();  // waits for one that runs on another thread: it is in post(), and short
  me.stop_below::end();
  if (!me.posted_ || me.delivered_) return me.waiter_.coroutine;
  me.ended_ = true;
  return std::noop_coroutine();
}

}  // namespace lull::detail
