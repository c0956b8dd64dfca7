// SPDX-License-Identifier: MIT
// A service for network_test.py, on a network that fails: sends each line back, but for these.
//
//   feed N   sends N bytes
//   sink N   reads nothing for a while, then N bytes, and says whether they were right
//   tick     sends a piece every 10 ms, until it cannot
//   keep N   sends N bytes without copying, and closes the connection meanwhile
//
//   network-service LIMIT_MS
//
// A connection without a request, and a request, have so much time each. Ends by SIGTERM, and says
// what it has counted; status 0 if it did nothing wrong.
#include <sys/mman.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>

#include <lull/io/buffered_reader.hpp>
#include <lull/io/io_core.hpp>
#include <lull/io/service.hpp>
#include <lull/io/tcp_listener.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/sleep.hpp>

#include "network.hpp"

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 300ms;
// What a close of that patience may take on a busy machine; the patience is 10 s if nobody sets it.
constexpr auto much_more = 5s;

struct counts {
  std::size_t resets = 0;   // failures that say so and name the peer
  std::size_t wrong = 0;    // of anything
  std::size_t taken = 0;    // sends without copying that ended before their stream was closed
  std::size_t cut_off = 0;  // and by that
};
counts counted;

void is_wrong(const std::string& what) {
  ++counted.wrong;
  std::fprintf(stderr, "service: %s\n", what.c_str());
}

void note(const lull::failure& why, const std::string& peer) {
  if (why.code == ECANCELED) return;  // its time was up
  const std::string said = why.message();
  if (said.find(peer) == said.npos) is_wrong("a failure does not name " + peer + ": " + said);
  if (why.code == ECONNRESET) {
    ++counted.resets;
  } else {
    is_wrong(said);
  }
}

// Of a reset the receive that runs by itself may have heard before the send.
lull::task<> note_of_send(lull::tcp_stream& peer, lull::failure why, const std::string& name) {
  if (why.code == EPIPE) {
    const auto got = co_await peer.receive();
    if (!got) why = got.why();
  }
  note(why, name);
}

// Bytes on pages that nobody may read once they are released.
class kept_pages {
 public:
  explicit kept_pages(std::size_t bytes)
      : bytes_(bytes),
        memory_(
            ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    faults::fed(0, bytes).copy(static_cast<char*>(memory_), bytes);
  }
  ~kept_pages() { ::munmap(memory_, bytes_); }
  kept_pages(const kept_pages&) = delete;
  kept_pages& operator=(const kept_pages&) = delete;

  std::string_view text() const { return {static_cast<const char*>(memory_), bytes_}; }
  int released() const { return released_; }
  auto keeper() {
    const auto release = [this](void*) noexcept {
      ::mprotect(memory_, bytes_, PROT_NONE);
      ++released_;
    };
    return std::unique_ptr<void, decltype(release)>(memory_, release);
  }

 private:
  std::size_t bytes_;
  void* memory_;
  int released_ = 0;
};

lull::task<> send_kept(lull::tcp_stream& peer, kept_pages& pages) {
  auto sent = co_await peer.send_all_zero_copy(pages.keeper(), pages.text());
  if (sent) {
    ++counted.taken;
  } else if (sent.error() == std::errc::operation_canceled) {
    ++counted.cut_off;
  } else {
    is_wrong(sent.message());
  }
}

lull::task<> keep(lull::tcp_stream& peer, std::size_t bytes) {
  kept_pages pages(bytes);
  peer.close_patience(patience);
  lull::scope sending;
  sending.spawn(send_kept, std::ref(peer), std::ref(pages));
  co_await lull::sleep(50ms);
  if (pages.released() != 0) is_wrong("bytes that nobody confirmed were released");
  const auto before = std::chrono::steady_clock::now();
  co_await peer.close();
  const auto took = std::chrono::steady_clock::now() - before;
  co_await sending.join();
  if (pages.released() != 1) is_wrong("bytes were not released once by the end of the close");
  if (took < patience) is_wrong("a close did not give the peer its time");
  if (took > much_more) is_wrong("a close took far longer than its patience");
}

lull::task<> feed(lull::tcp_stream& peer, lull::session& session, std::size_t bytes, bool ticks,
                  const std::string& name) {
  for (std::size_t at = 0; ticks || at < bytes;) {
    const std::string piece = faults::fed(at, std::min(faults::piece_bytes, bytes - at));
    {
      const auto request = session.begin_request();
      const auto sent = co_await peer.send_all(piece);
      if (!sent) {
        auto noting = note_of_send(peer, sent.why(), name);
        co_await std::move(noting);
        co_return;
      }
    }
    at += piece.size();
    if (!ticks) continue;
    co_await lull::sleep(10ms);
    if (session.ending()) co_return;
  }
}

lull::task<> sink(lull::tcp_stream& peer, lull::buffered_reader<lull::tcp_stream>& reader,
                  std::size_t bytes) {
  co_await lull::sleep(1s);
  bool right = true;
  std::size_t at = 0;
  while (at < bytes) {
    const auto some = co_await reader.read_some(bytes - at);
    if (!some || some->ended()) break;
    right = right && faults::is_fed(at, some->text());
    at += some->size();
  }
  (void)co_await peer.send_all(right && at == bytes ? "right\n" : "wrong\n");
}

std::size_t number_in(const std::string& order) {
  return std::strtoull(order.c_str() + order.find(' '), nullptr, 10);
}

lull::task<> converse(lull::tcp_stream peer, lull::session& session) {
  const std::string name = peer.peer().to_string();
  lull::buffered_reader reader(peer, faults::piece_bytes);
  for (;;) {
    const auto line = co_await reader.read_line();
    if (!line) note(line.why(), name);
    if (!line || line->ended()) co_return;
    const std::string order(line->text());
    if (order == "tick" || order.starts_with("feed ")) {
      const bool ticks = order == "tick";
      auto work = feed(peer, session, ticks ? ~std::size_t{0} : number_in(order), ticks, name);
      co_await std::move(work);
      if (ticks) co_return;
      continue;
    }
    const auto request = session.begin_request();
    if (order.starts_with("keep ")) {
      auto work = keep(peer, number_in(order));
      co_await std::move(work);
      co_return;
    }
    if (order.starts_with("sink ")) {
      auto work = sink(peer, reader, number_in(order));
      co_await std::move(work);
      continue;
    }
    const std::string answer = order + "\n";
    const auto sent = co_await peer.send_all(answer);
    if (!sent) {
      auto noting = note_of_send(peer, sent.why(), name);
      co_await std::move(noting);
      co_return;
    }
  }
}

lull::task<> serve(lull::nanoseconds limit) {
  auto listener = lull::tcp_listener::bind(lull::address::any(faults::port)).value();
  faults::say("ready", faults::port);
  auto serving = lull::serve(listener, converse, {.idle = limit, .request = limit, .drain = 1s});
  const auto of = (co_await std::move(serving)).value();
  faults::say("accepted", of.accepted);
  faults::say("idle", of.idle);
  faults::say("overdue", of.overdue);
  faults::say("exceptions", of.exceptions);
  faults::say("paused", lull::io_here().slow_readers);
}

}  // namespace

int main(int, char** values) {
  const std::chrono::milliseconds limit(std::strtoull(values[1], nullptr, 10));
  const std::size_t before = faults::open_descriptors();
  const int status =
      lull::run({.cores = {lull::all_cores().front()}}, [&] { return serve(limit); });
  faults::say("reset", counted.resets);
  faults::say("taken", counted.taken);
  faults::say("cut_off", counted.cut_off);
  faults::say("memory_kib", faults::most_memory_kib());
  if (faults::open_descriptors() != before) is_wrong("descriptors were left open");
  return status == 0 && counted.wrong == 0 ? 0 : 1;
}
