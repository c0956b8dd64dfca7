// SPDX-License-Identifier: MIT
// How a core reaches others and is reached: the gathering of messages, and wake-ups.
#include <string>
#include <system_error>
#include <utility>

#include "core.hpp"

namespace lull {

core::outgoing::outgoing(core& c) noexcept : completion_target(&outgoing::wake_failed), peer(&c) {}

// A ring message says something only when it failed (its success is skipped): wake by event then.
void core::outgoing::wake_failed(completion_target& self, completion what) noexcept {
  if (what.result >= 0) return;
  core& to = *static_cast<outgoing&>(self).peer;
  to.kernel_.signal_event(to.events_.descriptor);
}

void core::connect(const std::vector<core*>& all) {
  std::vector<outgoing> reached;
  reached.reserve(all.size());
  for (core* one : all) reached.emplace_back(*one);
  to_flush_.reserve(all.size());
  outgoing_ = std::move(reached);
}

core& core::peer(unsigned to) noexcept {
  LULL_ASSERT(to < outgoing_.size(), "core %u was asked for, but there are only %zu cores", to,
              outgoing_.size());
  return *outgoing_[to].peer;
}

bool core::reaches(const core& to) const noexcept {
  return to.index < outgoing_.size() && outgoing_[to.index].peer == &to;
}

void core::post(detail::message& what) noexcept {
  detail::message_chain alone;
  alone.add(what);
  if (inbox_.push(alone)) kernel_.signal_event(events_.descriptor);
}

void core::send(core& to, detail::message& what) noexcept {
  leave_with(to, what);
  outgoing_[to.index].urgent = true;
}

void core::leave_with(core& to, detail::message& what) noexcept {
  LULL_ASSERT(reaches(to), "core %u is not connected to core %u; connect() them first", index,
              to.index);
  outgoing& box = outgoing_[to.index];
  if (box.chain.empty()) to_flush_.push_back(to.index);
  box.chain.add(what);
}

void core::flush_outgoing() noexcept {
  for (const unsigned to : to_flush_) {
    outgoing& box = outgoing_[to];
    const detail::message_chain all = std::exchange(box.chain, {});
    if (!std::exchange(box.urgent, false)) {
      box.peer->inbox_.leave(all);
    } else if (box.peer->inbox_.push(all)) {
      wake(box);
    }
  }
  to_flush_.clear();
}

void core::wake(outgoing& to) noexcept {
  counters_.wakeups_sent.add(1);
  if (ring_.has().ring_message) {
    if (submission entry = ring_.try_submission(&to)) {
      entry.message(to.peer->ring_.descriptor(), to.peer->woken_);
      return;
    }
  }
  kernel_.signal_event(to.peer->events_.descriptor);
}

core::event_reader::event_reader(core& c) noexcept
    : completion_target(&event_reader::signalled), owner(c) {}

core::event_reader::~event_reader() {
  if (descriptor >= 0) owner.kernel_.close(descriptor);
}

void core::event_reader::open() {
  descriptor = owner.kernel_.event_descriptor();
  if (descriptor < 0) {
    throw std::system_error(-descriptor, std::generic_category(),
                            "no event descriptor for core " + std::to_string(owner.index) +
                                "; raise the limit with 'ulimit -n'");
  }
  arm();
}

void core::event_reader::close() noexcept {
  winding_up = true;
  if (armed) owner.kernel_.signal_event(descriptor);
}

void core::event_reader::arm() noexcept {
  armed = true;
  request(owner, this, &event_reader::fill);
}

void core::event_reader::fill(submitter& self, submission entry) noexcept {
  auto& me = static_cast<event_reader&>(self);
  entry.read(me.descriptor, &me.value, sizeof(me.value));
}

void core::event_reader::signalled(completion_target& self, completion) noexcept {
  auto& me = static_cast<event_reader&>(self);
  me.armed = false;
  if (!me.winding_up) me.arm();
}

}  // namespace lull
