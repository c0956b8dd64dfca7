// SPDX-License-Identifier: MIT
// The clients of network_test.py, all at once.
//
//   network-clients MANNER ADDRESS COUNT
//
//   ask      four questions of some KiB each, whose answers have to be right
//   hold     asks or is ticked to until the connection ends; says "going" once all were answered
//   slow     is fed, or feeds, and the receiving side reads nothing for a while
//   keep     does not confirm what it is sent (the network's work) until it is reset
//   refused  is not even connected to
//
// Ends by itself, and says what it has counted; status 0 if nothing was wrong.
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include <lull/io/buffered_reader.hpp>
#include <lull/io/connect.hpp>
#include <lull/io/io_core.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>
#include <lull/sched/timeout.hpp>

#include "network.hpp"

namespace {

using namespace std::chrono_literals;
using reader = lull::buffered_reader<lull::tcp_stream>;

constexpr std::size_t slow_bytes = 4 * 1024 * 1024;
constexpr auto silence = 3s;  // of a connection that is held

struct counts {
  std::size_t right = 0;
  std::size_t wrong = 0;
  // Of connections that are held, how they ended.
  std::size_t going = 0, reset = 0, ended = 0, silent = 0;
};
counts counted;
std::size_t clients = 0;
std::string where;

void is_wrong(const std::string& what) {
  if (++counted.wrong <= 5) std::fprintf(stderr, "clients: %s\n", what.c_str());
}

void note(const lull::failure& why) {
  const std::string said = why.message();
  if (said.find(where) == said.npos) is_wrong("a failure does not name the peer: " + said);
  if (why.code == ECONNRESET) {
    ++counted.reset;
  } else {
    is_wrong(said);
  }
}

lull::task<> ask(lull::tcp_stream& stream, std::size_t number) {
  reader from(stream, faults::piece_bytes);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string text = "?" + faults::fed(number * 100 + i, 1024 + (number + i) % 6 * 1024);
    const std::string asked = text + "\n";
    const auto sent = co_await stream.send_all(asked);
    if (!sent) is_wrong(sent.message());
    const auto got = co_await from.read_line();
    if (!got) is_wrong(got.message());
    if (!sent || !got) co_return;
    if (got->text() != text) {
      is_wrong("an answer of " + std::to_string(got->size()) + " bytes is not the question");
      co_return;
    }
    ++counted.right;
  }
}

void is_going() {
  if (++counted.going == clients) faults::say("going", clients);
}

// One connection of two is written to, the other one asks.
lull::task<> hold(lull::tcp_stream& stream, std::size_t number) {
  const bool ticked = number % 2 == 0;
  bool first = true;
  for (;;) {
    if (first || !ticked) {
      const auto sent = co_await stream.send_all(ticked ? "tick\n" : "are you there?\n");
      if (!sent && sent.error() != std::errc::broken_pipe) {
        note(sent.why());
        co_return;
      }
    }
    auto got = co_await lull::timeout(silence, stream.receive());
    if (got.timed_out()) {
      ++counted.silent;
      co_return;
    }
    if (!*got) {
      note(got->why());
      co_return;
    }
    if ((*got)->empty()) {
      ++counted.ended;
      co_return;
    }
    if (first) is_going();
    first = false;
    if (!ticked) co_await lull::sleep(5ms);
  }
}

lull::task<> be_fed(lull::tcp_stream& stream) {
  const std::string order = "feed " + std::to_string(slow_bytes) + "\n";
  (void)co_await stream.send_all(order);
  for (std::size_t at = 0; at < slow_bytes;) {
    const auto piece = co_await stream.receive();
    if (!piece || piece->empty() || !faults::is_fed(at, piece->text())) {
      is_wrong(piece ? "wrong bytes after " + std::to_string(at) : piece.message());
      co_return;
    }
    // From the first on it is received by itself, and nobody takes it.
    if (at == 0) co_await lull::sleep(1s);
    at += piece->size();
  }
  ++counted.right;
}

lull::task<> be_read_slowly(lull::tcp_stream& stream) {
  const std::string order = "sink " + std::to_string(slow_bytes) + "\n";
  (void)co_await stream.send_all(order);
  for (std::size_t at = 0; at < slow_bytes; at += faults::piece_bytes) {
    const std::string piece = faults::fed(at, faults::piece_bytes);
    const auto sent = co_await stream.send_all(piece);
    if (!sent) {
      is_wrong(sent.message());
      co_return;
    }
  }
  reader from(stream, faults::piece_bytes);
  const auto answer = co_await from.read_line();
  if (answer && answer->text() == "right") {
    ++counted.right;
  } else {
    is_wrong(answer ? "the service read something else" : answer.message());
  }
}

// One of two lets the kernel of the service take all of it, the other one does not.
lull::task<> let_keep(lull::tcp_stream& stream, std::size_t number) {
  const std::size_t bytes = number % 2 == 0 ? 32 * 1024 : 4 * 1024 * 1024;
  const std::string order = "keep " + std::to_string(bytes) + "\n";
  (void)co_await stream.send_all(order);
  const auto got = co_await stream.receive();
  if (got) {
    is_wrong(std::to_string(got->size()) + " bytes came in spite of the network");
  } else {
    note(got.why());
  }
}

lull::task<> one(const std::string& manner, std::size_t number) {
  auto stream = co_await lull::connect(lull::address::of(where));
  if (manner == "refused") {
    if (!stream && stream.error() == std::errc::connection_refused &&
        stream.message().find(where) != std::string::npos) {
      ++counted.right;
    } else {
      is_wrong(stream ? "there is a connection" : stream.message());
    }
    co_return;
  }
  if (!stream) {
    is_wrong(stream.message());
    co_return;
  }
  auto work = manner == "ask"    ? ask(*stream, number)
              : manner == "hold" ? hold(*stream, number)
              : manner == "keep" ? let_keep(*stream, number)
              : number % 2 == 0  ? be_fed(*stream)
                                 : be_read_slowly(*stream);
  co_await std::move(work);
  co_await stream->close();
}

}  // namespace

int main(int, char** values) {
  const std::string manner = values[1];
  where = std::string(values[2]) + ":" + std::to_string(faults::port);
  clients = std::strtoull(values[3], nullptr, 10);
  const std::size_t before = faults::open_descriptors();
  const int status = lull::run({.cores = {lull::all_cores().back()}}, [&]() -> lull::task<> {
    lull::scope all;
    for (std::size_t i = 0; i < clients; ++i) all.spawn(one, std::cref(manner), i);
    co_await all.join();
    faults::say("paused", lull::io_here().slow_readers);
  });
  faults::say("right", counted.right);
  faults::say("reset", counted.reset);
  faults::say("ended", counted.ended);
  faults::say("silent", counted.silent);
  faults::say("memory_kib", faults::most_memory_kib());
  if (faults::open_descriptors() != before) is_wrong("descriptors were left open");
  return status == 0 && counted.wrong == 0 ? 0 : 1;
}
