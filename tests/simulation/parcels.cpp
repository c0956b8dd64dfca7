// SPDX-License-Identifier: MIT
#include "parcels.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "../io/text_of.hpp"
#include "../open_descriptors.hpp"

namespace simulation {
namespace {

constexpr unsigned most_routes = 2;
constexpr unsigned most_parcels = 6;
constexpr unsigned most_parcel_bytes = 60;

std::span<std::byte> room_in(std::string& text) {
  return std::as_writable_bytes(std::span(text.data(), text.size()));
}

}  // namespace

parcels::parcels(schedule& s, simulated_kernel& kernel)
    : simulated_program(s, kernel), open_before_(test::open_descriptors()) {
  for (unsigned i = 0; i < item_count; ++i) {
    items_[i] = lull::descriptor(::memfd_create("item", MFD_CLOEXEC));
    struct stat status;
    if (::fstat(items_[i].get(), &status) != 0) by.fail("there is nothing to be passed");
    inodes_[i] = status.st_ino;
  }
}

void parcels::end_cores() {
  simulated_program::end_cores();
  for (lull::descriptor& one : items_) one.reset();
  if (test::open_descriptors() != open_before_) by.fail("a descriptor that was passed stays open");
}

lull::task<> parcels::run() {
  lull::scope all;
  for (unsigned i = 1 + by.random.below(most_routes); i > 0; --i) {
    all.spawn([this, i] { return one_route(i); });
  }
  if (by.chance(2)) all.spawn([this] { return all_letters(); });
  co_await all.join();
}

std::string parcels::some_text(unsigned least) { return some_letters(least, most_parcel_bytes); }

parcels::items parcels::some_items() {
  items some(by.chance(3) ? 0 : by.random.below(4));
  for (unsigned& one : some) one = by.random.below(item_count);
  return some;
}

std::vector<int> parcels::numbers_of(const items& which) const {
  std::vector<int> numbers;
  for (const unsigned one : which) numbers.push_back(items_[one].get());
  return numbers;
}

parcels::items parcels::items_in(lull::descriptor_list& all) {
  items found;
  for (const lull::descriptor& one : all) {
    struct stat status{};
    ::fstat(one.get(), &status);
    const auto* const which = std::find(inodes_.begin(), inodes_.end(), status.st_ino);
    if (which == inodes_.end()) by.fail("another descriptor came than was passed");
    found.push_back(static_cast<unsigned>(which - inodes_.begin()));
  }
  done.passed += found.size();
  return found;
}

bool parcels::is_it(const items& passed, const items& came, bool some_lost) {
  if (!some_lost) return passed == came;
  return came.size() < passed.size() && std::equal(came.begin(), came.end(), passed.begin());
}

void parcels::failed(const lull::failure& why, bool patient) {
  if (why.code == ECANCELED) ++done.given_up;
  if (why.code == ECANCELED && !patient) return;
  by.fail("something with Unix sockets failed for no reason: " + why.message());
}

lull::task<> parcels::one_route(unsigned number) {
  const bool by_path = by.chance(2);
  const std::string text = "/simulated/socket-" + std::to_string(number);
  lull::unix_address wanted = by_path ? *lull::unix_address::path(text) : lull::unix_address::any();
  auto listener = lull::unix_listener::bind(wanted);
  if (by_path && by.chance(2)) {  // what an earlier one has left
    co_await listener->close();
    if (lull::unix_listener::bind(wanted)) by.fail("a name was given twice");
    listener = lull::unix_listener::bind(wanted, {.replace = true});
    ++done.replaced;
  }
  if (!listener) by.fail("nobody can listen: " + listener.why().message());
  if (by_path && listener->local() != wanted) by.fail("a listener has another name");
  route mine;
  const bool connecting_sends = by.chance(2);
  const lull::unix_address name = listener->local();
  lull::scope both;
  both.spawn([&, this] { return connect_and_use(mine, name, connecting_sends); });
  both.spawn([&, this] { return accept_and_use(mine, *listener, !connecting_sends); });
  co_await both.join();
  check(mine);
}

lull::task<> parcels::connect_and_use(route& mine, lull::unix_address name, bool sends) {
  for (;;) {
    const time_limit most = some_limit();
    auto made = co_await lull::timeout(most.time, lull::connect(name));
    if (!*made) {
      failed(made->why(), most.patient);
      continue;
    }
    ++done.connected;
    auto using_it = use(mine, std::move(**made), sends);
    co_return co_await std::move(using_it);
  }
}

lull::task<> parcels::accept_and_use(route& mine, lull::unix_listener& at, bool sends) {
  for (;;) {
    const time_limit most = some_limit();
    auto made = co_await lull::timeout(most.time, at.accept());
    if (!*made) {
      failed(made->why(), most.patient);
      continue;
    }
    ++done.accepted;
    auto using_it = use(mine, std::move(**made), sends);
    co_return co_await std::move(using_it);
  }
}

lull::task<> parcels::use(route& mine, lull::unix_stream stream, bool sends) {
  auto using_it = sends ? send_all(mine, stream) : receive_all(mine, stream);
  co_await std::move(using_it);
  if (by.chance(2)) co_await stream.close();
}

lull::task<> parcels::send_all(route& mine, lull::unix_stream& over) {
  for (unsigned left = by.random.below(most_parcels); left > 0; --left) {
    auto sending = by.chance(4) ? send_plain(mine, over) : send_parcel(mine, over);
    const bool goes_on = co_await std::move(sending);
    if (!goes_on) co_return;
  }
  if (by.chance(2)) co_return;
  const auto ended = co_await over.shutdown();
  if (!ended && !mine.left) by.fail("a stream could not be ended: " + ended.why().message());
}

lull::task<bool> parcels::send_parcel(route& mine, lull::unix_stream& over) {
  const time_limit most = some_limit();
  const std::string text = some_text(1);
  const items with = some_items();
  const std::vector<int> numbers = numbers_of(with);
  const auto sent = co_await lull::timeout(most.time, over.send_message(text, numbers));
  if (*sent) {
    if (**sent == 0 || **sent > text.size()) by.fail("a message was sent without a byte");
    if (!with.empty()) mine.out.push_back({mine.sent.size(), with});
    mine.sent += text.substr(0, **sent);
    ++done.sent;
    co_return true;
  }
  if (sent->why().code == EPIPE && mine.left) {
    ++done.broken;
    co_return false;
  }
  failed(sent->why(), most.patient);
  co_return true;
}

lull::task<bool> parcels::send_plain(route& mine, lull::unix_stream& over) {
  const time_limit most = some_limit();
  const std::string text = some_text(1);
  const auto sent = co_await lull::timeout(most.time, over.send_all(text));
  mine.sent += text;
  ++done.sent_plain;
  if (*sent) co_return true;
  mine.unknown = true;
  const bool is_left = sent->why().code == EPIPE && mine.left;
  if (!is_left) failed(sent->why(), most.patient);
  co_return false;
}

lull::task<> parcels::receive_all(route& mine, lull::unix_stream& over) {
  mine.views = by.chance(6);
  const bool leaves = by.chance(4);
  for (;;) {
    if (leaves && by.chance(4)) {
      mine.left = true;
      ++done.closed;
      co_return co_await over.close();
    }
    auto receiving = mine.views     ? receive_view(mine, over)
                     : by.chance(6) ? receive_plain(mine, over)
                                    : receive_parcel(mine, over);
    const bool goes_on = co_await std::move(receiving);
    if (!goes_on) co_return;
  }
}

lull::task<bool> parcels::receive_parcel(route& mine, lull::unix_stream& over) {
  const time_limit most = some_limit();
  std::string into(1 + by.random.below(most_parcel_bytes), '?');
  auto got = co_await lull::timeout(most.time, over.receive_message(room_in(into)));
  if (!*got) {
    failed(got->why(), most.patient);
    co_return true;
  }
  lull::unix_message& message = **got;
  if (message.size == 0) co_return false;
  if (!message.descriptors.empty() || message.descriptors_lost) {
    mine.in.push_back(
        {mine.received.size(), items_in(message.descriptors), message.descriptors_lost});
  }
  mine.received += into.substr(0, message.size);
  ++done.received;
  if (by.chance(4)) co_await lull::sleep(a_while());  // with what came along
  co_return true;
}

lull::task<bool> parcels::receive_plain(route& mine, lull::unix_stream& over) {
  const time_limit most = some_limit();
  std::string into(1 + by.random.below(most_parcel_bytes), '?');
  const auto got = co_await lull::timeout(most.time, over.receive(room_in(into)));
  if (!*got) {
    failed(got->why(), most.patient);
    co_return true;
  }
  mine.plain.emplace_back(mine.received.size(), mine.received.size() + **got);
  mine.received += into.substr(0, **got);
  ++done.plain;
  co_return **got != 0;
}

lull::task<bool> parcels::receive_view(route& mine, lull::unix_stream& over) {
  const time_limit most = some_limit();
  const auto got = co_await lull::timeout(most.time, over.receive());
  if (!*got) {
    failed(got->why(), most.patient);
    co_return true;
  }
  mine.received += io_test::text_of((*got)->bytes());
  ++done.viewed;
  co_return !(*got)->bytes().empty();
}

// What was sent, and with it what was passed with bytes of which the receiver took such.
void parcels::check(const route& one) {
  if (!one.sent.starts_with(one.received)) by.fail("other bytes were received than sent");
  const bool all = one.received.size() == one.sent.size();
  if (!all && !one.left && !one.unknown) by.fail("bytes that were sent did not come");
  std::size_t next = 0;
  for (const route::parcel& out : one.out) {
    const bool lost = one.views || out.at >= one.received.size() ||
                      std::any_of(one.plain.begin(), one.plain.end(), [&](const auto& range) {
                        return range.first <= out.at && out.at < range.second;
                      });
    if (lost) continue;
    if (next == one.in.size()) by.fail("descriptors were passed that did not come");
    const route::parcel& in = one.in[next++];
    if (in.at != out.at) by.fail("descriptors came with other bytes");
    if (in.some_lost) ++done.kept_from;
    if (!is_it(out.with, in.with, in.some_lost)) by.fail("other descriptors came than were passed");
  }
  if (next != one.in.size()) by.fail("descriptors came that were not passed");
}

}  // namespace simulation
