// SPDX-License-Identifier: MIT
// Datagrams of tasks of a simulation over Unix sockets.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "parcels.hpp"

namespace simulation {
namespace {

constexpr unsigned most_boxes = 3;
constexpr unsigned most_box_letters = 6;
constexpr unsigned letter_head = 2;  // who wrote it, and which
constexpr unsigned letter_room = 70;

}  // namespace

lull::task<> parcels::all_letters() {
  const unsigned count = 2 + by.random.below(most_boxes - 1);
  for (unsigned i = 0; i < count; ++i) {
    auto bound = lull::unix_datagram_socket::bind(lull::unix_address::any());
    if (!bound) by.fail("a socket has no name: " + bound.why().message());
    const auto name = bound->local();
    boxes_.push_back({std::move(*bound), *name, i, count});
    boxes_.back().next.resize(count);
  }
  lull::scope all;
  for (box& one : boxes_) {
    ++writing_;
    all.spawn([this, &one] { return write_letters(one); });
    all.spawn([this, &one] { return read_letters(one); });
    one.closes = by.chance(3);
    if (one.closes) all.spawn([this, &one] { return close_box(one); });
  }
  co_await all.join();
  for (const box& from : boxes_) {
    for (const letter& one : from.sent) {
      const bool is_lost = one.what == letter::sent && !one.arrived && !boxes_[one.to].closed;
      if (is_lost) by.fail("a letter was sent and did not come");
    }
  }
  boxes_.clear();
}

lull::task<> parcels::close_box(box& one) {
  co_await lull::sleep(4 * a_while());
  one.closed = true;
  ++done.closed;
  const lull::time_point before = by.now();
  co_await one.socket.close();
  if (by.now() - before >= std::chrono::minutes(1)) by.fail("closing waited for others");
}

lull::task<> parcels::write_letters(box& from) {
  const auto count = static_cast<unsigned>(boxes_.size());
  if (by.chance(3)) {
    const unsigned peer = by.random.below(count);
    const auto connected = co_await from.socket.connect(boxes_[peer].name);
    if (connected) from.peer = peer;
  }
  for (unsigned left = by.random.below(most_box_letters); left > 0; --left) {
    const unsigned to = from.peer != count ? from.peer : by.random.below(count);
    std::string text = some_text(letter_head);
    text[0] = static_cast<char>(from.number);
    text[1] = static_cast<char>(from.sent.size());
    from.sent.push_back({to, text, some_items()});
    letter& one = from.sent.back();
    const std::vector<int> numbers = numbers_of(one.with);
    const time_limit most = some_limit();
    lull::timed<lull::result<std::size_t>> sent;
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    if (from.peer != count) {
      sent = co_await lull::timeout(most.time, from.socket.send(bytes, numbers));
    } else {
      sent =
          co_await lull::timeout(most.time, from.socket.send_to(boxes_[to].name, bytes, numbers));
    }
    one.what = *sent ? letter::sent : letter::failed;
    if (*sent) {
      if (**sent != text.size()) by.fail("a letter was sent in part");
      ++done.letters;
      continue;
    }
    if (one.arrived) by.fail("a letter came whose send had failed");
    const int code = sent->why().code;
    if (code == ENOBUFS) ++done.no_room;
    if (code == ECONNREFUSED) ++done.refused;
    const bool has_reason = code == ENOBUFS || (code == ECONNREFUSED && boxes_[to].closed) ||
                            (from.closed && (code == EBADF || code == ECANCELED));
    if (!has_reason) failed(sent->why(), most.patient);
  }
  --writing_;
}

bool parcels::is_done(const box& to) const {
  return writing_ == 0 && kernel_.names.oldest(to.socket.descriptor()) == nullptr;
}

lull::task<> parcels::read_letters(box& to) {
  for (unsigned in_vain = 0; !to.closed && in_vain < 2;) {
    // What is with the kernel when it has nothing more may still be told.
    in_vain = is_done(to) ? in_vain + 1 : 0;
    std::string into(letter_head + by.random.below(letter_room), '?');
    const lull::nanoseconds time =
        to.closes && by.chance(2) ? std::chrono::hours(1) : 3 * a_while();
    auto got = co_await lull::timeout(
        time, to.socket.receive(std::as_writable_bytes(std::span(into.data(), into.size()))));
    if (!*got) {
      const int code = got->why().code;
      const bool is_closed = to.closed && (code == EBADF || code == ECANCELED);
      if (!is_closed) failed(got->why(), false);
      continue;
    }
    lull::unix_message& message = **got;
    ++done.letters_got;
    if (message.truncated()) ++done.cut_off;
    in_vain = 0;
    if (message.size > into.size()) by.fail("a letter is too long");
    into.resize(message.size);
    const auto from = static_cast<unsigned char>(into[0]);
    if (from >= boxes_.size()) by.fail("a letter came from nobody");
    take(to, from, static_cast<unsigned char>(into[1]), message, into);
  }
}

void parcels::take(box& to, unsigned from, unsigned number, lull::unix_message& got,
                   std::string bytes) {
  box& sender = boxes_[from];
  if (number >= sender.sent.size()) by.fail("a letter came that was not written");
  letter& one = sender.sent[number];
  if (!sender.closed && got.peer != sender.name) by.fail("a letter came from somebody else");
  if (one.what == letter::failed) by.fail("a letter came whose send had failed");
  if (&boxes_[one.to] != &to || one.arrived) by.fail("a letter came twice, or to another");
  if (number < to.next[from]) by.fail("letters came in another order");
  to.next[from] = number + 1;
  one.arrived = true;
  if (got.sent_size != one.bytes.size() || !one.bytes.starts_with(bytes)) {
    by.fail("a letter was changed");
  }
  if (got.descriptors_lost) ++done.kept_from;
  const items came = items_in(got.descriptors);
  if (!is_it(one.with, came, got.descriptors_lost)) by.fail("other descriptors came with a letter");
}

}  // namespace simulation
