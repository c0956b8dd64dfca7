// SPDX-License-Identifier: MIT
#include "clients.hpp"

#include <span>

#include <lull/io/connect.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/when_all.hpp>

#include "../random.hpp"

namespace soak {
namespace {

using random = test::random_numbers;

struct conversation {
  manner who;
  bool lines;  // turned round, or as they are
  tally& all;
  random chance;
};

constexpr struct {
  manner who;
  unsigned in_1000;
} shares[] = {{manner::polite, 450},  {manner::half_close, 200}, {manner::byte_by_byte, 80},
              {manner::flood, 2},     {manner::reset, 130},      {manner::reset_at_once, 80},
              {manner::too_long, 38}, {manner::silent, 20}};

manner chosen(random& chance) {
  unsigned left = chance.below(1000);
  for (const auto& one : shares) {
    if (left < one.in_1000) return one.who;
    left -= one.in_1000;
  }
  return manner::polite;
}

std::string some_line(random& chance, unsigned longest) {
  std::string text(chance.below(longest), ' ');
  for (char& each : text) each = static_cast<char>('a' + chance.below(26));
  return text;
}

std::string answer_to(const conversation& with, const std::string& line) {
  return with.lines ? turned_round(line) : line;
}

lull::task<lull::result<lull::tcp_stream>> connect_to(const ports& to, manner who, bool lines,
                                                      unsigned host) {
  const std::uint16_t port = who == manner::silent ? to.impatient : lines ? to.lines : to.echoes;
  const auto where =
      lull::address::of("127.0.0." + std::to_string(host) + ":" + std::to_string(port));
  for (;;) {
    auto stream = co_await lull::connect(where);
    if (stream || stream.error() != std::errc::address_not_available) co_return stream;
    co_await lull::sleep(std::chrono::milliseconds(5));  // ports come free again
  }
}

lull::task<> ask_and_go(lull::tcp_stream& stream, conversation& with) {
  lull::buffered_reader reader(stream);
  for (unsigned left = 1 + with.chance.below(4); left > 0; --left) {
    const std::string line = some_line(with.chance, 300);
    const auto sent = co_await stream.send_all(line + "\n");
    const auto got = co_await reader.read_line();
    if (!sent || !got || got->ended() || got->text() != answer_to(with, line)) {
      with.all.is_wrong(with.who, got ? std::string(got->text()) : got.message());
      co_return;
    }
    ++with.all.answers;
  }
}

lull::task<> send_bytes(lull::tcp_stream& stream, const std::string& text) {
  for (const char& each : text) {
    const auto sent = co_await stream.send_all(std::string_view(&each, 1));
    if (!sent) co_return;
    co_await lull::yield();
  }
}

// Sends all of it, ends this half, and reads until the other half ends.
lull::task<> ask_and_end(lull::tcp_stream& stream, conversation& with) {
  const bool flood = with.who == manner::flood, bytes = with.who == manner::byte_by_byte;
  std::string asked, expected;
  for (unsigned left = flood ? 2000 : 1 + with.chance.below(bytes ? 3 : 20); left > 0; --left) {
    const std::string line = some_line(with.chance, bytes ? 20 : 300);
    asked += line + "\n";
    expected += answer_to(with, line) + "\n";
  }
  std::string got;
  std::string failed;
  const auto send = [&]() -> lull::task<> {
    if (bytes) {
      auto sending = send_bytes(stream, asked);
      co_await std::move(sending);
    } else {
      const auto sent = co_await stream.send_all(asked);
      if (!sent) failed = sent.message();
    }
    const auto ended = co_await stream.shutdown();
    if (!ended) failed = ended.message();
  };
  const auto receive = [&]() -> lull::task<> {
    if (flood) co_await lull::sleep(std::chrono::milliseconds(5));
    for (;;) {
      auto piece = co_await stream.receive();
      if (!piece) failed = piece.message();
      if (!piece || piece->empty()) break;
      got += piece->text();
    }
  };
  auto sending = send();
  auto receiving = receive();
  co_await lull::when_all(std::move(sending), std::move(receiving));
  if (got != expected || !failed.empty()) {
    with.all.is_wrong(with.who, std::to_string(got.size()) + " of " +
                                    std::to_string(expected.size()) + " bytes came back " + failed);
  } else {
    with.all.answers += static_cast<std::uint64_t>(std::count(got.begin(), got.end(), '\n'));
  }
}

// Bytes are on their way in both directions, or not.
lull::task<> ask_and_reset(lull::tcp_stream& stream, conversation& with) {
  const std::string text = some_line(with.chance, 300) + "\n" + some_line(with.chance, 300);
  (void)co_await stream.send_all(text);
  if (with.chance.below(2) == 0) {
    const auto got = co_await stream.receive();
    if (!got) with.all.is_wrong(with.who, got.message());
  }
  for (unsigned left = with.chance.below(3); left > 0; --left) co_await lull::yield();
  (void)stream.reset_on_close(true);
}

// Until the service ends it.
lull::task<> wait_for_the_end(lull::tcp_stream& stream, conversation& with) {
  if (with.chance.below(2) == 0 || with.who == manner::too_long) {
    const std::string text(with.who == manner::too_long ? longest_line + 10 : 10, 'x');
    (void)co_await stream.send_all(text);
  }
  for (;;) {
    const auto got = co_await lull::timeout(std::chrono::seconds(20), stream.receive());
    if (got.timed_out()) with.all.is_wrong(with.who, "its connection was not ended");
    if (!got || !*got || (**got).empty()) co_return;
    with.all.is_wrong(with.who, "was answered");
  }
}

}  // namespace

void tally::is_wrong(manner who, const std::string& what) {
  if (++wrong == 1) first_wrong = "manner " + std::to_string(static_cast<int>(who)) + ": " + what;
}

lull::task<> one_connection(const ports& to, std::uint64_t seed, std::uint64_t number, tally& all) {
  random chance(seed, number);
  const manner who = chosen(chance);
  const bool lines = who == manner::too_long || who == manner::silent || chance.below(2) == 0;
  conversation with{who, lines, all, chance};
  auto connecting = connect_to(to, who, lines, 1 + static_cast<unsigned>(number % 250));
  auto connected = co_await std::move(connecting);
  if (!connected) {
    all.is_wrong(who, connected.message());
    co_return;
  }
  ++all.connected;
  ++all.of[static_cast<std::size_t>(who)];
  lull::tcp_stream stream = *std::move(connected);
  const auto talk = [&]() -> lull::task<> {
    switch (who) {
      case manner::polite:
        return ask_and_go(stream, with);
      case manner::half_close:
      case manner::byte_by_byte:
      case manner::flood:
        return ask_and_end(stream, with);
      case manner::reset:
        return ask_and_reset(stream, with);
      default:
        return wait_for_the_end(stream, with);
    }
  };
  if (who == manner::reset_at_once) {
    (void)stream.reset_on_close(true);
  } else {
    auto talking = talk();
    co_await std::move(talking);
  }
  if (with.chance.below(2) == 0) co_await stream.close();  // else in the background
}

}  // namespace soak
