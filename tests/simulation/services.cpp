// SPDX-License-Identifier: MIT
#include "services.hpp"

#include <utility>

namespace simulation {
namespace {

using std::chrono::microseconds;

constexpr unsigned most_cores = 4;
constexpr unsigned values_sent = 12;
constexpr unsigned messages_posted = 10;
constexpr unsigned never_full = 64;  // submissions: more than are ever prepared in an iteration

}  // namespace

struct services::posted_message : lull::detail::message {
  posted_message(services& s, unsigned to, bool l)
      : message(&posted_message::arrived), all(s), core(to), last(l) {}
  static void arrived(message& self) noexcept {
    auto& me = static_cast<posted_message&>(self);
    if (lull::core::current().index != me.core) me.all.by.fail("a message came to another core");
    ++me.all.done.delivered;
    if (me.last) lull::core::current().finish();
  }

  services& all;
  unsigned core;
  bool last;  // ends its core
};

void release_shared::operator()(shared_object* one) const noexcept {
  if (one->released) one->of->by.fail("an object was released twice");
  one->released = true;
  ++one->of->done.released;
}

void release_homed::operator()(homed_object* one) const noexcept {
  if (one->released) one->of->by.fail("an object was released twice");
  one->released = true;
  ++one->of->done.released;
  if (lull::participant::current() == one->made_by) ++one->of->done.came_home;
}

services::services(schedule& s, simulated_kernel& kernel)
    : by(s), kernel_(kernel), count_(1 + by.random.below(most_cores)) {
  domain_.set_wake(
      [](void* self, std::uint32_t label) noexcept {
        auto& me = *static_cast<services*>(self);
        if (me.serving_ != 0) me.cores_[label]->wake_for_homecoming();
      },
      this);
  const lull::core_options each = options();
  std::vector<lull::core*> all;
  for (unsigned i = 0; i < count_; ++i) {
    cores_.push_back(std::make_unique<lull::core>(i, domain_, each, kernel_));
    all.push_back(cores_.back().get());
    mutexes_.push_back(std::make_unique<lull::mutex>());
  }
  for (auto& one : cores_) one->connect(all);
  inside_.resize(count_);
  for (auto& cell : table_) cell = make();
}

void services::end_cores() {
  for (auto& one : cores_) {
    const lull::core_statistics seen = one->statistics();
    if (one->submissions().options().submissions == never_full && seen.enters > seen.iterations) {
      by.fail("an iteration entered the kernel twice");
    }
    if (one->reclamation().has_limbo()) by.note("limbo at the end", one->index);
    one.reset();
  }
}

lull::core_options services::options() {
  kernel_.knows_no_submission_array = !by.chance(3);
  kernel_.knows_deferred_task_work = !by.chance(3);
  lull::core_options all;
  all.ring.submissions = by.chance(4) ? never_full : 2U << by.random.below(3);
  all.ring.completions = all.ring.submissions * (1 + by.random.below(3));
  all.ring.allowed.ring_message = !by.chance(4);
  all.ring.allowed.registered_ring = by.chance(2);
  all.poll = microseconds(by.random.below(3) * 2);
  all.resumes_per_iteration = by.chance(2) ? 256 : 1 + by.random.below(4);
  all.time_per_iteration = microseconds(1 + by.random.below(500));
  all.clock = by.clock();
  return all;
}

shared_object* services::make() {
  objects_.push_back(std::make_unique<shared_object>(this));
  return objects_.back().get();
}

void services::play() {
  static constexpr const char* names[most_cores] = {"core 0", "core 1", "core 2", "core 3"};
  const std::uint64_t seed = by.random.next();
  for (unsigned core = 0; core < count_; ++core) {
    for (unsigned i = 1 + by.random.below(5); i > 0; --i) {
      workers_.push_back(std::make_unique<worker>(seed, workers_.size(), core));
    }
  }
  alive_ = static_cast<unsigned>(workers_.size()) + 2;
  serving_ = count_;
  for (unsigned core = 0; core < count_; ++core) by.add(names[core], [this, core] { serve(core); });
  by.add("thread", [this] { post(); });
  by.run();
}

// A core's fiber.
void services::serve(unsigned core) {
  lull::core& here = *cores_[core];
  {
    const lull::core::inside in(here);
    for (auto& one : workers_) {
      if (one->core == core) here.root().spawn([this, &one] { return work(*one); });
    }
    if (core == 0) here.root().spawn([this] { return send_all(); });
    if (core == count_ - 1) here.root().spawn([this] { return receive_all(); });
  }
  here.serve();
  // Another may have pushed the message that ended this one, and not yet have looked whether to
  // wake it.
  --serving_;
  by.wait([this] { return serving_ == 0; }, lull::time_point::max());
  const lull::core::inside in(here);
  here.wind_up();
}

// Somebody who is no core.
void services::post() {
  for (unsigned i = 0; i < messages_posted; ++i) {
    if (by.chance(2)) by.wait([] { return false; }, by.now() + microseconds(by.random.below(900)));
    const unsigned to = by.random.below(count_);
    messages_.push_back(std::make_unique<posted_message>(*this, to, false));
    by.note("posts", to);
    ++done.posted;
    cores_[to]->post(*messages_.back());
  }
  by.wait([this] { return alive_ == 0 && done.posted == done.delivered; }, lull::time_point::max());
  end();
}

void services::end() {
  for (unsigned core = 0; core < count_; ++core) {
    messages_.push_back(std::make_unique<posted_message>(*this, core, true));
    ++done.posted;
    cores_[core]->post(*messages_.back());
  }
}

}  // namespace simulation
