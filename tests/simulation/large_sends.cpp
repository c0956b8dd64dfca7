// SPDX-License-Identifier: MIT
#include "large_sends.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace simulation {
namespace {

using std::chrono::milliseconds;

constexpr unsigned large_peers = 2;
constexpr unsigned most_pieces = 3;
constexpr unsigned sequence_bytes = 251;
// What a peer reads at a time, at most.
constexpr unsigned read_at_once = 40'000;
constexpr unsigned small_bytes = 2000;
constexpr unsigned stuck_after = 1000;

// Every peer is sent a part of one sequence that begins elsewhere.
const std::string& sequence() {
  static const std::string all = [] {
    std::string made(sequence_bytes + lull::limits::zero_copy_bytes + read_at_once, ' ');
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = static_cast<char>(i % sequence_bytes);
    return made;
  }();
  return all;
}

const char* bytes_at(unsigned peer, std::uint64_t place) {
  return sequence().data() + (peer * 97 + place) % sequence_bytes;
}

}  // namespace

class large_sends::range_of_bytes {
 public:
  explicit range_of_bytes(owned_piece owned) noexcept : owned_(std::move(owned)) {}
  const char* begin() const noexcept { return owned_->bytes.data(); }
  const char* end() const noexcept { return begin() + owned_->bytes.size(); }

 private:
  owned_piece owned_;
};

void large_sends::release_piece::operator()(piece* one) const noexcept {
  if (one->released) one->of->by.fail("a piece was released twice");
  one->released = true;
  one->bytes.assign(one->bytes.size(), '!');
}

large_sends::large_sends(schedule& s, simulated_kernel& kernel) : simulated_program(s, kernel) {
  kernel_.sockets.most = std::size_t{4096} << by.random.below(5);
  peers_.resize(1 + by.random.below(large_peers));
  for (peer& one : peers_) {
    one.deaf = by.chance(4);
    one.stuck = one.deaf && by.chance(2);
    one.rude_after = by.chance(5) ? by.random.below(80'000) : ~std::uint64_t{0};
  }
}

large_sends::owned_piece large_sends::make(unsigned number, std::uint64_t place,
                                           std::size_t bytes) {
  pieces_.push_back({.bytes = std::string(bytes_at(number, place), bytes), .of = this});
  return owned_piece(&pieces_.back());
}

lull::task<> large_sends::run() {
  auto bound = lull::tcp_listener::bind(lull::address::loopback(7007));
  lull::tcp_listener listener = std::move(bound).value();
  lull::scope all;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    auto accepted = co_await listener.accept();
    all.spawn([this](lull::tcp_stream s) { return serve(std::move(s)); },
              std::move(accepted).value());
  }
  co_await all.join();
  const lull::io_statistics seen = lull::io_here();
  done.sent += seen.zero_copy_sends;
  done.refused += seen.zero_copy_refusals;
}

lull::task<> large_sends::serve(lull::tcp_stream stream) {
  const unsigned number = stream.peer().port();
  peer& to = peers_[number];
  const bool patient = !to.deaf && by.chance(2);
  stream.close_patience(patient ? std::chrono::hours(1) : milliseconds(by.random.below(3)));
  lull::scope sending;
  sending.spawn([this, &stream, number] { return send_all(stream, number); });
  if (to.stuck || by.chance(4)) {  // it is closed in the middle
    to.leaving = true;
    co_await lull::sleep(3 * a_while());
    co_await stream.close();
  }
  co_await sending.join();
  if (lull::io_here().unconfirmed != 0) ++done.kept_at_close;
  const bool drops = by.chance(3);
  if (drops) co_return;
  co_await stream.close();
  if (patient && to.with->reset && !to.was_rude) {
    by.fail("a connection was reset before its peer's time was over");
  }
}

lull::task<> large_sends::send_all(lull::tcp_stream& stream, unsigned number) {
  for (unsigned left = 1 + by.random.below(most_pieces); left > 0; --left) {
    auto sending = send_one(stream, number);
    const bool goes_on = co_await std::move(sending);
    if (!goes_on) break;
  }
}

lull::task<bool> large_sends::send_one(lull::tcp_stream& stream, unsigned number) {
  peer& to = peers_[number];
  const std::size_t bytes =
      1 + by.random.below(small_bytes) + (by.chance(4) ? 0 : lull::limits::zero_copy_bytes);
  if (bytes < lull::limits::zero_copy_bytes) ++done.copied;
  owned_piece next = make(number, to.expected, bytes);
  auto sending = by.chance(3) ? send_held(stream, std::move(next)) : send(stream, std::move(next));
  const bool patient = by.chance(2);
  const lull::nanoseconds limit = patient ? std::chrono::hours(1) : 3 * a_while();
  const auto sent = co_await lull::timeout(limit, std::move(sending));
  if (*sent) {
    to.expected += bytes;
    co_return true;
  }
  to.excused = true;
  ++(sent->error() == std::errc::operation_canceled ? done.given_up : done.failed);
  if (to.leaving) ++done.closed_meanwhile;
  const int code = sent->why().code;
  if (to.leaving && !to.was_rude && code != ECANCELED && code != EBADF) {
    by.fail("a send did not end with its stream: " + sent->why().message());
  }
  if (patient && !to.was_rude && !to.leaving)
    by.fail("a send failed for no reason: " + sent->why().message());
  co_return false;
}

lull::task<lull::result<void>> large_sends::send(lull::tcp_stream& stream, owned_piece given) {
  if (by.chance(2)) {
    auto sent = co_await stream.send_all_zero_copy(range_of_bytes(std::move(given)));
    co_return sent;
  }
  const std::string& bytes = given->bytes;
  auto sent = co_await stream.send_all_zero_copy(std::move(given), bytes);
  co_return sent;
}

// As an entry of a table, which is replaced meanwhile.
lull::task<lull::result<void>> large_sends::send_held(lull::tcp_stream& stream, owned_piece owned) {
  ++done.held;
  table_.store(owned.release(), std::memory_order_release);
  const lull::ref<const piece> found(table_.load(std::memory_order_acquire));
  lull::hold<const piece> held(found);
  const std::string& bytes = held->bytes;
  piece* const old = table_.exchange(nullptr, std::memory_order_acq_rel);
  lull::participant::current()->retire(owned_piece(old));
  auto sent = co_await stream.send_all_zero_copy(std::move(held), bytes);
  co_return sent;
}

bool large_sends::reads(const peer& one) noexcept {
  const connection& with = *one.with;
  const bool has_enough = one.stuck && one.got >= stuck_after;
  return !with.left.empty() && (!has_enough || with.reset || with.lull_closed);
}

bool large_sends::can_act(const peer& one) const {
  if (one.done) return false;
  if (one.with == nullptr) return kernel_.sockets.somebody_listens();
  const connection& with = *one.with;
  if (reads(one) || with.reset || with.lull_closed) return true;
  return !one.deaf && with.confirmed < with.accepted;
}

bool large_sends::can_act() const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [this](const peer& one) { return can_act(one); });
}

void large_sends::act() {
  std::vector<unsigned> able;
  for (unsigned i = 0; i < peers_.size(); ++i) {
    if (can_act(peers_[i])) able.push_back(i);
  }
  act(able[by.random.below(static_cast<unsigned>(able.size()))]);
}

void large_sends::act(unsigned number) {
  peer& one = peers_[number];
  if (one.with == nullptr) {
    one.with = kernel_.sockets.connect(number);
    one.with->confirms = !one.deaf && by.chance(2);
    by.note("a peer connects", number);
    return;
  }
  connection& with = *one.with;
  if (one.got >= one.rude_after && !with.reset && !with.lull_closed) {
    one.was_rude = true;
    ++done.resets;
    by.note("a peer resets", number);
    return kernel_.sockets.reset(with);
  }
  if (reads(one)) return read(number);
  if (with.reset || with.lull_closed) return finish(one);
  by.note("a peer confirms", number);
  kernel_.sockets.confirm(with);
}

void large_sends::read(unsigned number) {
  peer& one = peers_[number];
  const std::string bytes =
      kernel_.sockets.take(*one.with, 1 + by.random.below(by.chance(4) ? 500 : read_at_once));
  by.note("a peer reads", number, static_cast<std::int64_t>(bytes.size()));
  if (bytes != std::string_view(bytes_at(number, one.got), bytes.size())) {
    by.fail("a peer got other bytes than were sent to it");
  }
  one.got += bytes.size();
}

void large_sends::finish(peer& one) {
  one.done = true;
  if (one.with->reset) {
    if (!one.was_rude && one.deaf) ++done.never_confirmed;
    return;
  }
  if (one.got < one.expected || (one.got > one.expected && !one.excused)) {
    by.fail("a peer did not get what was sent to it");
  }
  ++done.read_whole;
}

void large_sends::end_cores() {
  simulated_program::end_cores();
  for (unsigned i = 0; i < peers_.size(); ++i) {
    while (can_act(peers_[i])) act(i);
    if (!peers_[i].done) by.fail("a peer was left with an open connection");
  }
  for (const piece& one : pieces_) {
    if (!one.released) by.fail("a piece was never released");
  }
}

}  // namespace simulation
