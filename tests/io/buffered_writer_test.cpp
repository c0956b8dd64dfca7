// SPDX-License-Identifier: MIT
// How what is written is gathered, bounded and waited for. Over sockets: buffered_sends_test.
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/buffered_writer.hpp>
#include <lull/sched/scope.hpp>
#include <lull/sched/timeout.hpp>

#include "connected.hpp"
#include "on_core.hpp"
#include "scripted_stream.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::scripted_stream;
using text_writer = lull::buffered_writer<scripted_stream>;
using sent_texts = std::vector<std::string>;

namespace {

lull::task<> write_text(text_writer& to, std::string text, std::error_code& error) {
  const auto written = co_await to.write(text);
  error = written.error();
}

lull::task<> flush_all(text_writer& of, std::error_code& error) {
  const auto flushed = co_await of.flush();
  error = flushed.error();
}

std::string joined_sends(const scripted_stream& of) {
  std::string all;
  for (const auto& one : of.sends) all += one;
  return all;
}

const std::error_code untouched = std::make_error_code(std::errc::io_error);

}  // namespace

TEST_CASE("what tasks write in one iteration is one send, in the order of the writes") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    text_writer to(stream);
    lull::scope tasks;
    std::error_code error = untouched;
    for (const char* text : {"a", "b", "c"}) {
      tasks.spawn(write_text, std::ref(to), text, std::ref(error));
    }
    (void)co_await to.write("before ");
    (void)co_await to.write("");
    co_await tasks.join();
    CHECK(stream.sends.empty());
    CHECK(to.unsent() == 10);
    const auto flushed = co_await to.flush();
    CHECK(flushed);
    CHECK(!error);
    CHECK(stream.sends == sent_texts{"before abc"});
    CHECK(to.unsent() == 0);
    (void)co_await to.write("more");
    (void)co_await to.flush();
    CHECK(stream.sends == sent_texts{"before abc", "more"});
  });
}

TEST_CASE("what is written during a send goes out together after it") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    stream.may_send.reset();
    text_writer to(stream);
    (void)co_await to.write("first");
    co_await lull::sleep(std::chrono::milliseconds(1));
    for (const char* text : {"a", "b", "c"}) {
      (void)co_await to.write(text);
      co_await lull::yield();
    }
    CHECK(to.unsent() == 8);
    stream.may_send.set();
    const auto flushed = co_await to.flush();
    CHECK(flushed);
    CHECK(stream.sends == sent_texts{"first", "abc"});
  });
}

TEST_CASE("a write goes on at once as long as there is room, and waits when there is none") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    stream.may_send.reset();
    text_writer to(stream, 10);
    bool others_ran = false;
    lull::scope tasks;
    tasks.spawn([&]() -> lull::task<> {
      others_ran = true;
      co_return;
    });
    for (const char* text : {"12345", "67890", ""}) (void)co_await to.write(text);
    CHECK(!others_ran);
    CHECK(to.unsent() == 10);

    std::error_code error = untouched, second = untouched, flushed = untouched;
    tasks.spawn(write_text, std::ref(to), std::string(25, 'x'), std::ref(error));
    tasks.spawn(write_text, std::ref(to), "y", std::ref(second));  // behind, though it would fit
    tasks.spawn(flush_all, std::ref(to), std::ref(flushed));       // of what was taken until now
    for (int i = 0; i < 5; ++i) co_await lull::sleep(lull::nanoseconds(1));
    CHECK(error == untouched);
    CHECK(to.unsent() == 10);
    stream.may_send.set();
    co_await tasks.join();
    CHECK(!error);
    CHECK(!second);
    CHECK(!flushed);
    const auto all = co_await to.flush();
    CHECK(all);
    CHECK(joined_sends(stream) == "1234567890" + std::string(25, 'x') + "y");
    for (const auto& one : stream.sends) CHECK(one.size() <= 10);
  });
}

TEST_CASE("what is tried to be written is taken where there is room for all of it, in order") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    stream.may_send.reset();
    text_writer to(stream, 10);
    CHECK(to.try_write("12345"));
    CHECK(!to.try_write("123456"));
    CHECK(to.try_write("67890"));
    CHECK(to.unsent() == 10);
    std::error_code error = untouched;
    lull::scope tasks;
    tasks.spawn(write_text, std::ref(to), "abc", std::ref(error));
    co_await lull::yield();
    CHECK(!to.try_write("x"));  // nobody overtakes
    CHECK(to.try_write(""));
    stream.may_send.set();
    co_await tasks.join();
    const auto all = co_await to.flush();
    CHECK(all);
    CHECK(!to.try_write(std::string(11, 'x')));
    CHECK(joined_sends(stream) == "1234567890abc");

    stream.send_error = ECONNRESET;
    CHECK(to.try_write("lost"));
    const auto flushed = co_await to.flush();
    CHECK(flushed.error() == std::errc::connection_reset);
    CHECK(!to.try_write("x"));
    CHECK(to.unsent() == 0);
  });
}

TEST_CASE("a flush waits for what was written before it and not for what comes later") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    stream.may_send.reset();
    text_writer to(stream);
    (void)co_await to.write("first");
    lull::scope tasks;
    std::error_code first = untouched, both = untouched;
    tasks.spawn(flush_all, std::ref(to), std::ref(first));
    co_await lull::sleep(std::chrono::milliseconds(1));
    (void)co_await to.write("second");
    tasks.spawn(flush_all, std::ref(to), std::ref(both));
    co_await lull::yield();
    stream.may_send.set();
    stream.may_send.reset();  // one send
    co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK(!first);
    CHECK(both == untouched);
    stream.may_send.set();
    co_await tasks.join();
    CHECK(!both);
  });
}

TEST_CASE("a send that fails fails the next write or flush, and all after it") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    stream.send_error = ECONNRESET;
    stream.may_send.reset();
    text_writer to(stream, 10);
    const auto taken = co_await to.write("1234567890");
    CHECK(taken);
    lull::scope tasks;
    std::error_code waiting = untouched, flushing = untouched;
    tasks.spawn(write_text, std::ref(to), "x", std::ref(waiting));
    tasks.spawn(flush_all, std::ref(to), std::ref(flushing));
    co_await lull::sleep(std::chrono::milliseconds(1));
    stream.may_send.set();
    co_await tasks.join();
    CHECK(waiting == std::errc::connection_reset);
    CHECK(flushing == std::errc::connection_reset);
    stream.send_error = 0;
    for (int i = 0; i < 2; ++i) {
      const auto written = co_await to.write("x");
      CHECK(written.error() == std::errc::connection_reset);
      CHECK_THAT(written.message(), ContainsSubstring("write"));
      const auto flushed = co_await to.flush();
      CHECK(flushed.error() == std::errc::connection_reset);
    }
    CHECK(stream.sends.empty());
    CHECK(to.unsent() == 0);
  });
}

TEST_CASE("a stop ends the wait of a write or a flush, and the rest is sent all the same") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    stream.may_send.reset();
    text_writer to(stream, 10);
    std::error_code writing = untouched, flushing = untouched, late = untouched;
    lull::scope tasks;
    tasks.spawn(write_text, std::ref(to), "1234567890ab", std::ref(writing));
    tasks.spawn(flush_all, std::ref(to), std::ref(flushing));
    co_await lull::sleep(std::chrono::milliseconds(1));
    tasks.request_stop();
    tasks.spawn(flush_all, std::ref(to), std::ref(late));
    co_await tasks.join();
    CHECK(writing == std::errc::operation_canceled);
    CHECK(flushing == std::errc::operation_canceled);
    CHECK(late == std::errc::operation_canceled);
    tasks.spawn(write_text, std::ref(to), "c", std::ref(late));
    co_await tasks.join();
    CHECK(late == std::errc::operation_canceled);
    stream.may_send.set();
    const auto flushed = co_await to.flush();
    CHECK(flushed);
    // Asked to stop or not: what there is room for is taken.
    tasks.spawn(write_text, std::ref(to), "d", std::ref(late));
    co_await tasks.join();
    CHECK(!late);
    (void)co_await to.flush();
    CHECK(stream.sends == sent_texts{"1234567890", "d"});
  });
}

TEST_CASE("a writer that goes before it began to send has sent nothing") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    {
      text_writer to(stream);
      (void)co_await to.write("lost");
    }
    text_writer to(stream);
    (void)co_await to.write("kept");
    (void)co_await to.flush();
    CHECK(stream.sends == sent_texts{"kept"});
  });
}

TEST_CASE("a writer that goes in the middle of a send leaves it its bytes") {
  on_core([]() -> lull::task<> {
    const std::string text = io_test::pattern(5000);
    scripted_stream stream;
    stream.may_send.reset();
    {
      text_writer to(stream, 10'000);
      (void)co_await to.write(text);
      co_await lull::sleep(std::chrono::milliseconds(1));
      (void)co_await to.write("dropped");
    }
    const std::string other(5000, '!');  // where the bytes were, if they had gone
    stream.may_send.set();
    co_await lull::sleep(std::chrono::milliseconds(1));
    CHECK((stream.sends == sent_texts{text}));
  });
}

TEST_CASE("a writer can be moved while it sends") {
  on_core([]() -> lull::task<> {
    scripted_stream stream;
    text_writer first(stream);
    (void)co_await first.write("a");
    text_writer second = std::move(first);
    (void)co_await second.write("b");
    const auto flushed = co_await second.flush();
    CHECK(flushed);
    CHECK(stream.sends == sent_texts{"ab"});
  });
}
