// SPDX-License-Identifier: MIT
// What the file rows of the io benchmark time, as a user of lull would write it: the content of a
// file is copied over that of another by reads and writes in turn, or spliced through a pipe; one
// file is read and then as much written to the other; or 32 tasks read blocks of 4 KiB at random.
// Prints the nanoseconds that it took, without starting and ending the program.
//
// Usage: files_lull copy FROM TO
//        files_lull read_write FROM TO
//        files_lull splice FROM TO
//        files_lull random FILE READS    from the page cache
//        files_lull direct FILE READS    past it

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <lull/io/aligned_buffer.hpp>
#include <lull/io/open.hpp>
#include <lull/io/pipe.hpp>
#include <lull/io/splice.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <random>
#include <span>
#include <stdexcept>
#include <string>

namespace {

constexpr std::size_t part_bytes = 256 * 1024;   // that are moved at a time, as by fs::copy_file
constexpr std::size_t pipe_bytes = 1024 * 1024;  // as much as every user may ask for
constexpr std::size_t block_bytes = 4096;
constexpr unsigned depth = 32;

lull::task<> copy(std::string from, std::string to) {
  auto source = co_await lull::fs::open(from);
  auto target = co_await lull::fs::open(to, O_WRONLY | O_CREAT);
  lull::aligned_buffer buffer(part_bytes);
  for (std::uint64_t done = 0;;) {
    auto got = co_await source.value().read(buffer, done);
    if (got.value() == 0) break;
    auto written = co_await target.value().write_all(std::span(buffer.data(), *got), done);
    written.value();
    done += *got;
  }
  auto closed = co_await target->close();
  closed.value();
}

lull::task<> read_write(std::string from, std::string to) {
  auto source = co_await lull::fs::open(from);
  auto target = co_await lull::fs::open(to, O_WRONLY | O_CREAT);
  lull::aligned_buffer buffer(part_bytes);
  std::uint64_t bytes = 0;
  for (;;) {
    auto got = co_await source.value().read(buffer, bytes);
    if (got.value() == 0) break;
    bytes += *got;
  }
  for (std::uint64_t done = 0; done < bytes; done += part_bytes) {
    const std::size_t part = std::min<std::uint64_t>(part_bytes, bytes - done);
    auto written = co_await target.value().write_all(std::span(buffer.data(), part), done);
    written.value();
  }
  auto closed = co_await target->close();
  closed.value();
}

lull::task<> splice(std::string from, std::string to) {
  auto source = co_await lull::fs::open(from);
  auto target = co_await lull::fs::open(to, O_WRONLY | O_CREAT);
  lull::pipe_ends between = lull::pipe().value();
  fcntl(between.writer.descriptor(), F_SETPIPE_SZ, pipe_bytes);
  for (std::uint64_t done = 0;;) {
    auto taken = co_await lull::splice(source.value(), done, between.writer, pipe_bytes);
    if (taken.value() == 0) break;
    for (std::size_t left = *taken; left > 0;) {
      auto moved = co_await lull::splice(between.reader, target.value(), done, left);
      left -= moved.value();
      done += *moved;
    }
  }
  auto closed = co_await target->close();
  closed.value();
}

// Of the reads that are left, each reader takes the next, so that all are busy until the end.
lull::task<> read_blocks(lull::file& from, std::uint64_t blocks, std::size_t& left, unsigned seed) {
  lull::aligned_buffer into(block_bytes);
  std::minstd_rand chance(seed);
  while (left > 0) {
    --left;
    auto got = co_await from.read(into, chance() % blocks * block_bytes);
    if (got.value() != block_bytes) throw std::runtime_error("a block was read in part");
  }
}

lull::task<> read_at_random(std::string path, std::size_t reads, int flags) {
  auto from = co_await lull::fs::open(path, O_RDONLY | flags);
  auto status = co_await from.value().stat();
  const std::uint64_t blocks = status.value().bytes / block_bytes;
  lull::scope readers;
  for (unsigned i = 0; i < depth; ++i) {
    readers.spawn([&, i] { return read_blocks(*from, blocks, reads, i + 1); });
  }
  co_await readers.join();
}

lull::task<> timed(std::function<lull::task<>()> work) {
  const auto start = std::chrono::steady_clock::now();
  auto running = work();
  co_await std::move(running);
  std::printf("%lld\n",
              static_cast<long long>(
                  std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count()));
}

std::function<lull::task<>()> work_of(const std::string& what, const std::string& path,
                                      const std::string& last) {
  if (what == "copy") return [path, last] { return copy(path, last); };
  if (what == "read_write") return [path, last] { return read_write(path, last); };
  if (what == "splice") return [path, last] { return splice(path, last); };
  const std::size_t reads = std::strtoul(last.c_str(), nullptr, 10);
  if (what == "random") return [path, reads] { return read_at_random(path, reads, 0); };
  if (what == "direct") return [path, reads] { return read_at_random(path, reads, O_DIRECT); };
  return nullptr;
}

}  // namespace

int main(int argument_count, char** arguments) {
  const auto work =
      argument_count == 4 ? work_of(arguments[1], arguments[2], arguments[3]) : nullptr;
  if (work == nullptr) {
    std::fprintf(stderr,
                 "usage: files_lull copy|read_write|splice FROM TO, or random|direct FILE READS\n");
    return 2;
  }
  return lull::run({}, [&work] { return timed(work); });
}
