// SPDX-License-Identifier: MIT
#include <lull/io/send_zero_copy.hpp>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/tcp_stream.hpp>
#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retire.hpp>
#include <lull/sched/grace_period.hpp>
#include <lull/sched/scope.hpp>

#include "../allocations.hpp"
#include "../ring/fault_watch.hpp"
#include "../ring/refusing_zero_copy.hpp"
#include "../ring/short_kernel.hpp"
#include "connected.hpp"
#include "guarded_bytes.hpp"
#include "on_core.hpp"

using io_test::connected;
using io_test::connection;
using io_test::guarded_bytes;
using io_test::on_core;
using io_test::pattern;

namespace {

// Enough not to be copied, and more than a peer with a small buffer takes without reading.
constexpr std::size_t uncopied = 128 * 1024;

static_assert(lull::byte_buffer<std::string> && lull::byte_buffer<std::vector<std::byte>>);
static_assert(!lull::byte_buffer<std::string_view> && !lull::byte_buffer<std::vector<int>>);
static_assert(lull::byte_keeper<std::unique_ptr<int>> && lull::byte_keeper<lull::hold<int>>);
// Its bytes may be in itself, and move with it.
static_assert(!lull::byte_keeper<std::string>);

// What the peer has got, until it is so much; the core goes on meanwhile.
lull::task<std::string> read_all(io_test::raw_peer& peer, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    co_await lull::yield();
    std::array<char, 16'384> some;
    const ssize_t got = ::recv(peer.descriptor(), some.data(), some.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN)) break;
    if (got > 0) text.append(some.data(), static_cast<std::size_t>(got));
  }
  co_return text;
}

// Lets the core go on until `done`, for about two seconds at most.
template <class Done>
lull::task<bool> until(Done done) {
  for (int i = 0; i < 2000 && !done(); ++i) co_await lull::sleep(std::chrono::milliseconds(1));
  co_return done();
}

struct table_entry {
  std::string text;
  int* released;

  ~table_entry() {
    text.assign(text.size(), '!');
    ++*released;
  }
};

}  // namespace

TEST_CASE("bytes that are not copied arrive, and their owner goes when they are confirmed") {
  io_test::need_locked_memory(4 * uncopied);
  test::fault_watch kernel;
  const std::string text = pattern(uncopied);
  guarded_bytes bytes(text);
  const auto body = [&]() -> lull::task<> {
    connection both = co_await connected();
    const auto before = lull::io_here();
    auto sent = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
    CHECK(sent);
    auto reading = read_all(both.peer, uncopied);
    const std::string got = co_await std::move(reading);
    CHECK((got == text));
    auto waiting = until([&] { return bytes.released(); });
    const bool gone = co_await std::move(waiting);
    CHECK(gone);

    // More than fits the kernel's buffers goes with one submission, too.
    io_test::small_send_buffer(both.stream);
    lull::scope sending;
    sending.spawn([&]() -> lull::task<> {
      const auto buffer = std::as_bytes(std::span(text));
      auto all = co_await both.stream.send_all_zero_copy(
          std::vector<std::byte>(buffer.begin(), buffer.end()));
      CHECK(all);
    });
    reading = read_all(both.peer, uncopied);
    const std::string again = co_await std::move(reading);
    CHECK((again == text));
    co_await sending.join();
    CHECK(lull::io_here().zero_copy_sends - before.zero_copy_sends == 2);
    CHECK(lull::io_here().zero_copy_refusals == 0);
    co_await both.stream.close();
    CHECK(lull::io_here().unconfirmed == 0);
  };
  on_core({}, body, kernel);
  CHECK(bytes.released_well());
  CHECK(kernel.notifications >= 2);
  CHECK(kernel.faults == 0);
}

TEST_CASE("what is held for a send may be retired, and stays until the peer has confirmed it") {
  io_test::need_locked_memory(4 * uncopied);
  on_core([]() -> lull::task<> {
    connection both = co_await connected(8192);
    const std::string text = pattern(uncopied);
    int released = 0;
    auto* const entry = new table_entry{text, &released};
    auto sent = co_await both.stream.send_all_zero_copy(lull::hold(lull::ref<table_entry>(entry)),
                                                        entry->text);
    CHECK(sent);
    lull::retire(entry);
    for (int i = 0; i < 5; ++i) (void)co_await lull::grace_period();
    co_await lull::sleep(std::chrono::milliseconds(2));
    CHECK(released == 0);
    CHECK(lull::io_here().unconfirmed == 1);
    auto reading = read_all(both.peer, uncopied);
    const std::string got = co_await std::move(reading);
    CHECK((got == text));
    (void)co_await lull::barrier();
    CHECK(released == 1);
    CHECK(lull::io_here().unconfirmed == 0);
  });
}

TEST_CASE("small messages, and all of an older kernel, are copied, and the owner goes at once") {
  for (const bool older : {false, true}) {
    const auto options =
        older ? io_test::without(&lull::capabilities::zero_copy_send) : lull::core_options();
    const std::string text = pattern(older ? uncopied : lull::limits::zero_copy_bytes - 1);
    guarded_bytes bytes(text);
    on_core(options, [&]() -> lull::task<> {
      connection both = co_await connected();
      auto sent = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
      CHECK(sent);
      CHECK(bytes.released());
      auto reading = read_all(both.peer, text.size());
      const std::string got = co_await std::move(reading);
      CHECK((got == text));
      sent = co_await both.stream.send_all_zero_copy(std::string());
      CHECK(sent);
      CHECK(lull::io_here().zero_copy_sends == 0);
    });
    CHECK(bytes.released_well());
  }
}

TEST_CASE("what a kernel refuses to send without copying is copied") {
  test::refusing_zero_copy kernel;
  const std::string text = pattern(uncopied);
  guarded_bytes bytes(text);
  const auto body = [&]() -> lull::task<> {
    connection both = co_await connected();
    auto sent = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
    CHECK(sent);
    auto reading = read_all(both.peer, uncopied);
    const std::string got = co_await std::move(reading);
    CHECK((got == text));
    CHECK(lull::io_here().zero_copy_refusals == 1);
    co_await both.stream.close();
  };
  on_core({}, body, kernel);
  CHECK(bytes.released_well());
}

TEST_CASE("bytes that this user may not lock are copied") {
  if (io_test::may_lock(uncopied)) SKIP("this user may lock that much memory");
  guarded_bytes bytes(pattern(uncopied));
  on_core([&]() -> lull::task<> {
    connection both = co_await connected();
    auto sent = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
    CHECK(sent);
    CHECK(lull::io_here().zero_copy_refusals == 1);
    auto reading = read_all(both.peer, uncopied);
    const std::string got = co_await std::move(reading);
    CHECK((got == pattern(uncopied)));
  });
  CHECK(bytes.released_well());
}

TEST_CASE("the owner outlives every notification of a send that the kernel cuts short") {
  io_test::need_locked_memory(4 * uncopied);
  test::short_kernel kernel(uncopied / 5);
  const std::string text = pattern(uncopied);
  guarded_bytes bytes(text);
  const auto body = [&]() -> lull::task<> {
    connection both = co_await connected(8192);
    auto sent = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
    CHECK(sent);
    CHECK(lull::io_here().zero_copy_sends >= 5);
    CHECK(!bytes.released());
    auto reading = read_all(both.peer, uncopied);
    const std::string got = co_await std::move(reading);
    CHECK((got == text));
    auto waiting = until([&] { return bytes.released(); });
    const bool gone = co_await std::move(waiting);
    CHECK(gone);
  };
  on_core({}, body, kernel);
  CHECK(kernel.shortened() > 0);
  CHECK(bytes.released_well());
}

TEST_CASE("sending without copying to a peer that has gone, or once closed, fails with its name") {
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    both.peer.reset();
    const std::string name = both.stream.peer().to_string();
    for (int i = 0; i < 2; ++i) {
      auto sent = co_await both.stream.send_all_zero_copy(pattern(uncopied));
      CHECK(!sent);
      CHECK_THAT(sent.message(), Catch::Matchers::StartsWith("send_all_zero_copy " + name + ": "));
    }
    co_await both.stream.close();
    guarded_bytes bytes("text");
    auto late = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
    CHECK(late.error() == std::errc::bad_file_descriptor);
    CHECK(bytes.released_well());
  });
}

TEST_CASE("a send without copying allocates nothing in the long run") {
  test::need_allocations();
  on_core([]() -> lull::task<> {
    connection both = co_await connected();
    const std::string text = pattern(uncopied);
    const auto shared = std::make_shared<const std::string>(text);
    std::vector<char> into(uncopied);
    std::size_t before = 0;
    bool good = true;
    for (int i = 0; i < 60 && good; ++i) {
      if (i == 30) before = test::allocations();
      auto sent = co_await both.stream.send_all_zero_copy(std::shared_ptr(shared), *shared);
      if (!sent) FAIL_CHECK(sent.message());
      // A signal ends a receive early, of all that is waited for as well.
      for (std::size_t at = 0; good && at < uncopied;) {
        const ssize_t bytes = ::recv(both.peer.descriptor(), into.data() + at, uncopied - at, 0);
        good = sent && (bytes > 0 || (bytes < 0 && errno == EINTR));
        if (bytes > 0) at += static_cast<std::size_t>(bytes);
      }
      co_await lull::yield();
    }
    const std::size_t after = test::allocations();
    CHECK(good);
    // AddressSanitizer sees the blocks of the pool on the heap.
    CHECK(after - before == (lull::detail::frame_pool::pools ? 0 : 30));
  });
}

namespace {

// Its peer confirms some when it is asked for the first few times, and then no more.
class confirming_kernel : public test::passing_kernel {
 public:
  static constexpr int times = 5;

  int unconfirmed_bytes(int) noexcept override {
    if (++asked <= times) left -= 100;
    return left;
  }

  int asked = 0;
  int left = 1000;
};

}  // namespace

TEST_CASE("a peer that read slowly was reset when the patience of the close was over") {
  constexpr std::size_t in_all = 128 * 1024;
  io_test::need_locked_memory(4 * in_all);
  guarded_bytes bytes(pattern(in_all));
  confirming_kernel kernel;
  const auto body = [&]() -> lull::task<> {
    connection both = co_await connected(8192);
    both.stream.close_patience(std::chrono::milliseconds(2));
    auto sent = co_await both.stream.send_all_zero_copy(bytes.owner(), bytes.text());
    CHECK(sent);
    co_await both.stream.close();
    CHECK(kernel.asked == confirming_kernel::times + 1);
    CHECK(lull::io_here().zero_copy_resets == 1);
  };
  on_core({}, body, kernel);
  CHECK(bytes.released_well());
}
