// SPDX-License-Identifier: MIT
// How a simulated service answers its peers.
#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "echo_service.hpp"

namespace simulation {
namespace {

using std::chrono::microseconds;

bool is_interruption(const lull::failure& why) noexcept { return why.code == EINTR; }

}  // namespace

// Who was gone before it was accepted has no name.
echo_service::conversation::conversation(echo_service& of, lull::tcp_stream s)
    : stream(std::move(s)),
      peer(stream.peer() ? stream.peer().port() : simulated_peers::nobody),
      random(of.seed_, peer) {}

lull::nanoseconds echo_service::a_while(conversation& with) noexcept {
  return microseconds(with.random.below(120));
}

lull::task<> echo_service::serve(unsigned core) {
  if (!by.chance(4)) lull::choose_buffers(buffers_[core]);
  lull::listen_options listening;
  if (balanced_) listening.balance = &balance_;
  auto bound = lull::tcp_listener::bind(lull::address::loopback(7007), listening);
  lull::tcp_listener listener = std::move(bound).value();
  if (by.chance(2)) {
    auto serving = lull::serve(
        listener, [this](lull::tcp_stream s, lull::session&) { return converse(std::move(s)); },
        {.connections = 1 + by.random.below(4)});
    const auto ended = co_await std::move(serving);
    if (!ended || !stopping_) by.fail("a service ended, though nobody asked it to stop");
  } else {
    auto accepting = accept_all(listener);
    co_await std::move(accepting);
  }
  const lull::io_statistics seen = lull::io_here();
  done.accepted += seen.accepted;
  done.starved += seen.starved_receives;
  done.paused += seen.slow_readers;
  done.spares += seen.spare_receives;
  done.accept_pauses += seen.accept_pauses;
  lull::core::current().finish();
}

lull::task<> echo_service::accept_all(lull::tcp_listener& listener) {
  lull::scope conversations;
  for (;;) {
    auto peer = co_await listener.accept();
    if (!peer && !stopping_) by.fail("accepting failed, though nobody asked it to stop");
    if (!peer) break;
    conversations.spawn([this](lull::tcp_stream s) { return converse(std::move(s)); },
                        std::move(*peer));
  }
  if (by.chance(2)) co_await listener.close();
  conversations.request_stop();
  co_await conversations.join();
}

lull::task<> echo_service::converse(lull::tcp_stream stream) {
  conversation with(*this, std::move(stream));
  if (with.peer == simulated_peers::nobody) co_return;
  auto echoing = with.random.one_in(6) ? leave_early(with) : echo(with);
  co_await std::move(echoing);
  auto ending = end(with);
  co_await std::move(ending);
}

lull::task<> echo_service::echo(conversation& with) {
  switch (with.random.below(4)) {
    case 0:
      return echo_views(with);
    case 1:
      return echo_copies(with);
    case 2:
      return echo_gathered(with);
    default:
      return echo_both_ways(with);
  }
}

// Out of the core's buffers; some waits are given up and begun again.
lull::task<> echo_service::echo_views(conversation& with) {
  const bool patient = with.random.one_in(2);
  for (;;) {
    const lull::nanoseconds limit = patient ? std::chrono::hours(1) : a_while(with);
    auto got = co_await lull::timeout(limit, with.stream.receive());
    if (!got) {
      ++done.given_up;
      continue;
    }
    if (!*got) co_return failed(with, got->why());
    const lull::received bytes = std::move(**got);
    if (bytes.empty()) co_return;
    if (with.random.one_in(4))
      // Meanwhile it keeps the buffer, and more comes.
      co_await lull::sleep((with.random.one_in(4) ? 30 : 1) * a_while(with));
    if (patient) {
      const auto sent = co_await with.stream.send_all(bytes);
      if (!sent) co_return failed(with, sent.why());
    } else {
      auto sending = send_in_parts(with, bytes);
      const bool sent = co_await std::move(sending);
      if (!sent) co_return;
    }
  }
}

// Who has once received out of the core's buffers goes on doing so: what follows is copied.
lull::task<bool> echo_service::echo_one_view(conversation& with) {
  const auto got = co_await with.stream.receive();
  if (!got) failed(with, got.why());
  if (!got || got->empty()) co_return false;
  auto sending = send_in_parts(with, *got);
  const bool sent = co_await std::move(sending);
  co_return sent;
}

// Into memory of its own. What was given up has moved nothing, or says what it has moved.
lull::task<> echo_service::echo_copies(conversation& with) {
  std::array<std::byte, 40> room;
  if (with.random.one_in(2)) {
    auto beginning = echo_one_view(with);
    const bool goes_on = co_await std::move(beginning);
    if (!goes_on) co_return;
  }
  for (;;) {
    const std::span<std::byte> into(room.data(), 1 + with.random.below(room.size()));
    const auto got = co_await lull::timeout(a_while(with), with.stream.receive(into));
    if (!got) {
      ++done.given_up;
      continue;
    }
    if (!*got && is_interruption(got->why())) continue;
    if (!*got) co_return failed(with, got->why());
    if (**got == 0) co_return;
    auto sending = send_in_parts(with, into.first(**got));
    const bool sent = co_await std::move(sending);
    if (!sent) co_return;
  }
}

lull::task<bool> echo_service::send_in_parts(conversation& with, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto sent = co_await lull::timeout(a_while(with), with.stream.send(bytes));
    if (!sent) {
      ++done.given_up;
      continue;
    }
    if (!*sent && is_interruption(sent->why())) continue;
    if (!*sent) {
      failed(with, sent->why());
      co_return false;
    }
    bytes = bytes.subspan(**sent);
  }
  co_return true;
}

// One task receives while another sends; what is between them keeps buffers from the kernel.
lull::task<> echo_service::echo_both_ways(conversation& with) {
  lull::channel<lull::received> between(1 + with.random.below(6));
  lull::scope both;
  both.spawn([this, &with, &between]() -> lull::task<> {
    for (;;) {
      auto got = co_await with.stream.receive();
      if (!got) failed(with, got.why());
      if (!got || got->empty()) break;
      const auto taken = co_await between.send(std::move(*got));
      if (!taken) break;
    }
    between.close();
  });
  both.spawn([this, &with, &between]() -> lull::task<> {
    for (;;) {
      std::optional<lull::received> next = co_await between.receive();
      if (!next) co_return;
      const auto sent = co_await with.stream.send_all(*next);
      if (sent) continue;
      failed(with, sent.why());
      between.close();
      co_return;
    }
  });
  co_await both.join();
}

// Into several places, and out of several pieces, with one submission each.
lull::task<> echo_service::echo_gathered(conversation& with) {
  const bool by_pieces = with.random.one_in(2);
  std::array<std::byte, 40> room;
  if (with.random.one_in(2)) {
    auto beginning = echo_one_view(with);
    const bool goes_on = co_await std::move(beginning);
    if (!goes_on) co_return;
  }
  for (;;) {
    std::vector<lull::received> pieces;
    std::vector<std::span<const std::byte>> parts;
    if (by_pieces) {
      for (unsigned more = 1 + with.random.below(12); more > 0; --more) {
        auto got = co_await with.stream.receive();
        if (!got) co_return failed(with, got.why());
        if (got->empty()) break;
        pieces.push_back(std::move(*got));
        parts.push_back(pieces.back());
        if (with.stream.unread() == 0) break;  // else it would wait for what may never come
      }
    } else {
      const std::size_t first = 1 + with.random.below(20);
      const std::array<std::span<std::byte>, 2> places{std::span(room).first(first),
                                                       std::span(room).subspan(first)};
      const auto got = co_await with.stream.receive(places);
      if (!got && is_interruption(got.why())) continue;
      if (!got) co_return failed(with, got.why());
      parts.push_back(std::span(room).first(std::min(*got, first)));
      parts.push_back(std::span(room).first(*got).subspan(parts.front().size()));
      if (*got == 0) parts.clear();
    }
    if (parts.empty()) co_return;
    const auto sent = co_await with.stream.send_all(parts);
    if (!sent) co_return failed(with, sent.why());
  }
}

lull::task<> echo_service::leave_early(conversation& with) {
  peers.excuse(with.peer);
  ++done.left_early;
  co_await lull::timeout(5 * a_while(with), echo(with));
}

// Dropped, which closes it too, or closed; perhaps after the end has been said.
lull::task<> echo_service::end(conversation& with) {
  if (with.random.one_in(2)) {
    const auto ended = co_await with.stream.shutdown();
    if (!ended) failed(with, ended.why());
  }
  if (with.random.one_in(2)) co_await with.stream.close();
}

void echo_service::failed(conversation& with, const lull::failure& why) {
  ++done.failed;
  if (peers.was_rude(with.peer) || peers.excused(with.peer)) return;
  by.fail("something failed for no reason: " + why.message());
}

}  // namespace simulation
