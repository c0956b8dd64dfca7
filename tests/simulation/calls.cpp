// SPDX-License-Identifier: MIT
#include "calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

namespace simulation {
namespace {

constexpr unsigned most_calls = 6;
constexpr unsigned addresses_of_a_name = 3;
constexpr unsigned longest_silence = 12;
constexpr int answers[] = {0, 0, 0, 0, -ECONNREFUSED, -ETIMEDOUT, -EHOSTUNREACH};
constexpr std::size_t message_bytes = 4;

lull::address address_of(unsigned peer) {
  return lull::address::loopback(static_cast<std::uint16_t>(peer));
}

}  // namespace

// Of a name: the peers from that number on.
class calls::several_addresses final : public lull::resolver {
 public:
  lull::task<lull::result<std::vector<lull::address>>> resolve(std::string,
                                                               std::uint16_t port) override {
    std::vector<lull::address> all;
    for (unsigned i = 0; i < addresses_of_a_name; ++i) all.push_back(address_of(port + i));
    co_return all;
  }
};

// A call has three peers, of which one by address uses the first.
calls::calls(schedule& s, simulated_kernel& kernel) : simulated_program(s, kernel) {
  kernel_.short_of_sockets = by.chance(4);
  peers_.resize((2 + by.random.below(most_calls - 1)) * addresses_of_a_name);
  for (peer& one : peers_) {
    one.silence = by.chance(2) ? 0 : by.random.below(longest_silence);
    one.code = answers[by.random.below(std::size(answers))];
  }
  kernel_.sockets.asked = [this](int descriptor) {
    if (by.chance(4)) answer(descriptor);
  };
}

lull::task<> calls::run() {
  lull::choose_resolver(std::make_unique<several_addresses>());
  lull::scope all;
  for (unsigned i = 0; i < peers_.size(); i += addresses_of_a_name) {
    all.spawn([this, i] { return by.chance(3) ? call_stopped(i) : call(i); });
  }
  co_await all.join();
  if (lull::io_here().connected != kernel_.made.connected) {
    by.fail("a connection that was made before its stop was not delivered");
  }
}

unsigned calls::choose_last(unsigned number) noexcept {
  return by.chance(2) ? number : number + addresses_of_a_name - 1;
}

lull::task<lull::result<lull::tcp_stream>> calls::connect(unsigned number, unsigned last) {
  if (number == last) {
    auto connecting = lull::connect(address_of(number));
    auto made = co_await connecting;
    co_return made;
  }
  ++done.by_name;
  auto connecting = lull::connect("peers", static_cast<std::uint16_t>(number), a_while());
  auto made = co_await std::move(connecting);
  co_return made;
}

lull::task<> calls::call(unsigned number) {
  const bool patient = by.chance(2);
  const lull::nanoseconds limit = patient ? std::chrono::hours(1) : a_while();
  const unsigned last = choose_last(number);
  auto connecting = connect(number, last);
  auto made = co_await lull::timeout(limit, std::move(connecting));
  if (!*made) co_return failed(last, made->why(), patient);
  if (by.chance(4)) {  // dropped
    ++done.unused;
    co_return;
  }
  auto talking = talk(std::move(**made), number, last);
  co_await std::move(talking);
}

// Stopped before it begins, or at any time; what was made in spite of that is there.
lull::task<> calls::call_stopped(unsigned number) {
  lull::scope stopped;
  if (by.chance(6)) stopped.request_stop();
  stopped.spawn([this, number, &stopped]() -> lull::task<> {
    const unsigned last = choose_last(number);
    auto connecting = connect(number, last);
    const auto made = co_await std::move(connecting);
    if (!made) co_return failed(last, made.why(), !stopped.stop_requested());
    if (stopped.stop_requested()) ++done.in_spite_of_stop;
  });
  if (!by.chance(4)) co_await lull::sleep(a_while());
  stopped.request_stop();
  co_await stopped.join();
}

lull::task<> calls::talk(lull::tcp_stream stream, unsigned number, unsigned last) {
  const unsigned whom = stream.peer().port();
  if (whom < number || whom > last) by.fail("another peer was called");
  const std::array<std::byte, message_bytes> question{static_cast<std::byte>(whom)};
  const auto asked = co_await stream.send_all(question);
  if (!asked) by.fail("a question failed: " + asked.why().message());
  std::array<std::byte, message_bytes> answer{};
  for (std::size_t filled = 0; filled < answer.size();) {
    const auto got = co_await stream.receive(std::span(answer).subspan(filled));
    if (!got || *got == 0) by.fail("an answer did not come");
    filled += *got;
  }
  if (answer != question) by.fail("the answer was to another question");
  ++done.answered;
  if (by.chance(2)) co_await stream.close();
}

// The last peer had no connection to give, or the kernel could not ask it.
void calls::failed(unsigned last, const lull::failure& why, bool patient) {
  if (why.code == ECANCELED) {
    ++done.given_up;
    if (patient) by.fail("a call was given up that nobody stopped");
    return;
  }
  if (why.code == EMFILE) {
    ++done.no_descriptor;
    return;
  }
  ++(why.code == ETIMEDOUT ? done.timed_out : done.refused);
  if (!peers_[last].told || peers_[last].code != -why.code)
    by.fail("a call failed for no reason: " + why.message());
}

void calls::answer(int descriptor) {
  peer& one = peers_[kernel_.sockets.asked_peer(descriptor)];
  if (one.silence != 0) {
    --one.silence;
    return;
  }
  one.told = true;
  one.with = kernel_.sockets.answer(descriptor, one.code);
}

bool calls::can_act(const peer& one) const {
  return one.with != nullptr && !one.done &&
         (one.with->left.size() >= message_bytes || one.with->lull_closed);
}

bool calls::can_act() const {
  return !kernel_.sockets.asking().empty() ||
         std::any_of(peers_.begin(), peers_.end(),
                     [this](const peer& one) { return can_act(one); });
}

void calls::act() {
  const std::vector<int> asking = kernel_.sockets.asking();
  std::vector<unsigned> able;
  for (unsigned i = 0; i < peers_.size(); ++i) {
    if (can_act(peers_[i])) able.push_back(i);
  }
  const auto which = by.random.below(static_cast<unsigned>(asking.size() + able.size()));
  if (which < asking.size()) return answer(asking[which]);
  act(able[which - asking.size()]);
}

void calls::act(unsigned number) {
  peer& one = peers_[number];
  if (one.with->lull_closed) {
    one.done = true;
    return;
  }
  const std::string question = kernel_.sockets.take(*one.with, message_bytes);
  if (one.said || question[0] != static_cast<char>(number)) by.fail("a peer was asked wrongly");
  one.said = true;
  kernel_.sockets.deliver(*one.with, question);
}

void calls::end_cores() {
  simulated_program::end_cores();
  for (const peer& one : peers_) {
    if (one.with != nullptr && !one.with->lull_closed) by.fail("a connection was left open");
  }
}

}  // namespace simulation
