// SPDX-License-Identifier: MIT
#include "echo_service.hpp"

#include <utility>

#include "simulated_program.hpp"

namespace simulation {
namespace {

constexpr unsigned most_serving = 3;  // cores

}  // namespace

struct echo_service::stop_message : lull::detail::message {
  explicit stop_message(echo_service& of) : message(&stop_message::arrived), all(of) {}
  static void arrived(message&) noexcept { lull::core::current().root().request_stop(); }

  echo_service& all;
};

echo_service::echo_service(schedule& s, simulated_kernel& kernel)
    : by(s),
      peers(s, kernel.sockets),
      kernel_(kernel),
      count_(1 + by.random.below(most_serving)),
      seed_(by.random.next()),
      balanced_(by.chance(3)),
      stops_early_(by.chance(2)) {
  kernel_.short_of_descriptors = by.chance(60);  // each says so
  const lull::core_options each = seeded_options(by, kernel_);
  std::vector<lull::core*> all;
  for (unsigned i = 0; i < count_; ++i) {
    cores_.push_back(std::make_unique<lull::core>(i, domain_, each, kernel_));
    all.push_back(cores_.back().get());
    const unsigned many = by.chance(2) ? 3 : 8;
    buffers_.push_back({.count = 1U << by.random.below(many), .bytes = 16U << by.random.below(4)});
  }
  for (auto& one : cores_) one->connect(all);
  kernel_.at_cancel = [this] { peers.act(); };
  peers.at_some_time = [this] {
    if (!stopping_ && (peers.left() == 0 || (stops_early_ && by.chance(30)))) stop();
  };
}

void echo_service::play() {
  static constexpr const char* names[most_serving] = {"core 0", "core 1", "core 2"};
  running_ = count_ + 1;
  for (unsigned core = 0; core < count_; ++core) by.add(names[core], [this, core] { run(core); });
  by.add("peers", [this] { peers.play(); });
  by.run();
}

// A core's fiber.
void echo_service::run(unsigned core) {
  lull::core& here = *cores_[core];
  {
    const lull::core::inside in(here);
    here.root().spawn([this, core] { return serve(core); });
  }
  here.serve();
  --running_;
  by.wait([this] { return running_ == 0; }, lull::time_point::max());
  const lull::core::inside in(here);
  here.wind_up();
}

void echo_service::stop() {
  by.note("stop", peers.left());
  stopping_ = true;
  if (peers.left() != 0) ++done.stopped;
  peers.excuse_all();
  for (auto& core : cores_) {
    messages_.push_back(std::make_unique<stop_message>(*this));
    core->post(*messages_.back());
  }
  --running_;
}

void echo_service::end_cores() {
  for (auto& one : cores_) one.reset();
  if (kernel_.sockets.open() != 0) by.fail("a socket is left open");
}

}  // namespace simulation
