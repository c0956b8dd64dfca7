// SPDX-License-Identifier: MIT
#include "mail.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace simulation {
namespace {

using std::chrono::microseconds;

constexpr unsigned most_places = 3;
constexpr unsigned most_letters = 6;
constexpr unsigned most_letter_bytes = 300;
constexpr std::size_t label_bytes = 2;  // from whom, and which
constexpr unsigned first_place_port = 7000;
constexpr unsigned no_place = ~0U;
constexpr unsigned most_vain_rounds = 300;
constexpr lull::nanoseconds patience = std::chrono::hours(1);  // nothing takes so long

unsigned port_of_place(unsigned number) { return first_place_port + number; }

lull::address address_of_place(unsigned number) {
  return lull::address::loopback(static_cast<std::uint16_t>(port_of_place(number)));
}

}  // namespace

mail::mail(schedule& s, simulated_kernel& kernel) : simulated_program(s, kernel) {}

std::vector<std::byte> mail::content(unsigned from, unsigned number, std::size_t bytes) {
  std::vector<std::byte> all(bytes);
  for (std::size_t i = 0; i < bytes; ++i)
    all[i] = static_cast<std::byte>(from * 50 + number * 7 + i);
  if (bytes != 0) {
    all[0] = static_cast<std::byte>(from);
    all[1] = static_cast<std::byte>(number);
  }
  return all;
}

lull::task<> mail::run() {
  if (by.chance(2)) {
    lull::choose_datagram_buffers(
        {.count = 1U << by.random.below(4), .bytes = std::size_t{256} + by.random.below(100)});
  }
  const unsigned count = 2 + by.random.below(most_places - 1);
  for (unsigned i = 0; i < count; ++i) {
    auto bound = lull::udp_socket::bind(address_of_place(i));
    places_.push_back({std::move(bound).value(), i, no_place});
  }
  lull::scope all;
  for (place& one : places_) {
    ++sending_;
    all.spawn([this, &one] { return send_all(one); });
    all.spawn([this, &one] { return receive_all(one); });
    if (by.chance(6)) all.spawn([this, &one] { return close(one); });
  }
  co_await all.join();
  std::uint64_t sent = 0;
  for (const place& one : places_) {
    sent += static_cast<std::uint64_t>(std::count_if(
        one.sent.begin(), one.sent.end(), [](const letter& l) { return l.what == fate::sent; }));
  }
  if (sent != kernel_.network.done.sent) by.fail("a send does not say what it has done");
  places_.clear();
}

lull::task<> mail::close(place& one) {
  co_await lull::sleep(3 * a_while());
  one.closed = true;
  ++done.closed;
  const lull::time_point before = by.now();
  co_await one.socket.close();
  if (by.now() - before >= patience / 2) by.fail("closing waited for what might never come");
}

lull::task<> mail::send_all(place& from) {
  if (by.chance(3)) {
    const unsigned peer = by.random.below(static_cast<unsigned>(places_.size()));
    const auto connected = co_await from.socket.connect(address_of_place(peer));
    if (connected) from.peer = peer;
  }
  for (unsigned left = by.random.below(most_letters); left > 0; --left) {
    auto sending = send_one(from);
    co_await std::move(sending);
    if (by.chance(3)) co_await lull::sleep(a_while());
  }
  --sending_;
}

lull::task<> mail::send_one(place& from) {
  const bool has_peer = from.peer != no_place;
  const unsigned to = has_peer ? from.peer : by.random.below(static_cast<unsigned>(places_.size()));
  const auto number = static_cast<unsigned>(from.sent.size());
  const std::size_t bytes =
      by.chance(8) ? 0 : label_bytes + by.random.below(most_letter_bytes - label_bytes);
  from.sent.push_back({to, bytes});
  letter& mine = from.sent.back();
  const std::vector<std::byte> all = content(from.number, number, bytes);
  const lull::nanoseconds limit = by.chance(2) ? patience : a_while();
  lull::timed<lull::result<void>> sent;
  if (has_peer) {
    sent = co_await lull::timeout(limit, from.socket.send(all));
  } else {
    sent = co_await lull::timeout(limit, from.socket.send_to(address_of_place(to), all));
  }
  mine.what = *sent ? fate::sent : fate::failed;
  if (*sent) {
    ++done.sent;
    co_return;
  }
  if (mine.arrived) by.fail("a letter arrived whose send had failed");
  const int code = sent->why().code;
  if (code == ECANCELED) ++done.given_up;
  if (code == ENOBUFS) ++done.no_room;
  const bool has_reason = code == ECANCELED || code == ENOBUFS ||
                          (code == ECONNREFUSED && is_refusal(from)) ||
                          (code == EBADF && from.closed);
  if (!has_reason) by.fail("a letter could not be sent for no reason: " + sent->why().message());
}

// Nobody sends any more, and what had come has been told.
bool mail::has_all(const place& to) const {
  return sending_ == 0 && kernel_.network.is_idle(port_of_place(to.number)) &&
         to.received == kernel_.network.received_by(port_of_place(to.number));
}

lull::task<> mail::receive_all(place& to) {
  const bool views = by.chance(2);
  for (unsigned in_vain = 0; !to.closed && !has_all(to);) {
    auto receiving = views || by.chance(8) ? receive_view(to) : receive_copy(to);
    const bool got = co_await std::move(receiving);
    in_vain = got || sending_ != 0 ? 0 : in_vain + 1;
    if (in_vain == most_vain_rounds) by.fail("a letter was received and not told");
  }
}

lull::task<bool> mail::receive_view(place& to) {
  const bool patient = by.chance(3);
  to.by_pieces = true;
  auto got = co_await lull::timeout(patient ? patience : 2 * a_while(), to.socket.receive());
  if (!*got) {
    not_received(to, got->why(), patient);
    co_return false;
  }
  const lull::datagram one = std::move(**got);
  if (by.chance(4)) co_await lull::sleep(3 * a_while());  // others have one buffer less meanwhile
  check(to, one, one.bytes());
  co_return true;
}

lull::task<bool> mail::receive_copy(place& to) {
  std::array<std::byte, most_letter_bytes> room;
  room.fill(std::byte{0xee});
  const std::size_t most = label_bytes + by.random.below(most_letter_bytes - label_bytes);
  const bool patient = by.chance(3);
  const auto got = co_await lull::timeout(patient ? patience : 2 * a_while(),
                                          to.socket.receive(std::span(room).first(most)));
  if (!*got) {
    not_received(to, got->why(), patient);
    co_return false;
  }
  ++done.copied;
  if ((*got)->size > most || room.back() != std::byte{0xee}) by.fail("a letter is too long");
  check(to, **got, std::span(room).first((*got)->size));
  co_return true;
}

// It is told once that its peer is not there any more.
bool mail::is_refusal(const place& at) {
  ++done.refused;
  return at.peer != no_place && places_[at.peer].closed &&
         done.refused <= kernel_.network.done.errors_told;
}

void mail::not_received(place& to, const lull::failure& why, bool patient) {
  if (why.code == ECANCELED) {
    ++done.given_up;
    if (patient && !to.closed && !kernel_.network.is_idle(port_of_place(to.number))) {
      by.fail("a letter was there, and nobody asked for it");
    }
  } else if ((why.code != ECONNREFUSED || !is_refusal(to)) && (why.code != EBADF || !to.closed)) {
    by.fail("nothing was received for no reason: " + why.message());
  }
}

void mail::check(place& to, const lull::datagram_facts& facts, std::span<const std::byte> bytes) {
  ++to.received;
  ++done.received;
  const unsigned from = facts.peer.port() - first_place_port;
  if (from >= places_.size()) by.fail("a letter came from nobody");
  if (facts.size != bytes.size() || facts.size > facts.sent_size) by.fail("a letter has two sizes");
  if (facts.truncated()) ++done.truncated;
  const bool is_empty = facts.sent_size == 0;
  if (is_empty) ++done.empty;
  if (!is_empty && bytes.size() < label_bytes) by.fail("a letter was cut off too early");
  std::deque<letter>& all = places_[from].sent;
  const auto is_it = [&](const letter& one) {
    return one.to == to.number && one.bytes == facts.sent_size && !one.arrived &&
           one.what != fate::failed;
  };
  auto found = all.end();
  if (is_empty) {  // one is like the other
    found = std::find_if(all.begin(), all.end(), is_it);
  } else if (std::to_integer<std::size_t>(bytes[1]) < all.size()) {
    found = all.begin() + std::to_integer<std::ptrdiff_t>(bytes[1]);
    if (!is_it(*found)) found = all.end();
  }
  if (found == all.end()) by.fail("a letter came that was not sent, or came before");
  found->arrived = true;
  const auto number = static_cast<unsigned>(found - all.begin());
  const std::vector<std::byte> whole = content(from, number, facts.sent_size);
  if (!std::equal(bytes.begin(), bytes.end(), whole.begin())) by.fail("a letter was changed");
}

}  // namespace simulation
