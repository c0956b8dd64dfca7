// SPDX-License-Identifier: MIT
// Two ways of doing the same with a file, in turn, in one program: reads past the page cache, 32 at
// a time, in registered_buffers and in aligned_buffers; and a block that is written durably, or
// written and then synced. Prints a line a round and pair: its name, and the nanoseconds of
// processor time that an operation took the one way and the other, the kernel's threads included.
//
// Usage: files_ways FILE ROUNDS

#include <fcntl.h>
#include <time.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <lull/io/aligned_buffer.hpp>
#include <lull/io/open.hpp>
#include <lull/sched/runtime.hpp>
#include <lull/sched/scope.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr std::size_t file_bytes = 256 * 1024;
constexpr std::size_t block_bytes = 4096;
constexpr unsigned depth = 32;
constexpr unsigned reads_each = 64;
constexpr unsigned writes = 64;

double processor_ns() {
  timespec time;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e9 * static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec);
}

using work = std::function<lull::task<>()>;

lull::task<> timed(const work& what, unsigned operations, double& ns_each) {
  const double start = processor_ns();
  auto running = what();
  co_await std::move(running);
  ns_each = (processor_ns() - start) / operations;
}

struct pair_of_ways {
  std::string name;
  unsigned operations;
  work way;
  work other;
};

template <class Bytes>
lull::task<> read_again_and_again(lull::file& from, Bytes into, std::uint64_t offset) {
  for (unsigned i = 0; i < reads_each; ++i) {
    auto got = co_await from.read(into, offset);
    if (got.value() != into.size()) throw std::runtime_error("a read stopped short");
  }
}

// `memory_of(i)` is that of one reader.
template <class Memory>
lull::task<> read_side_by_side(lull::file& from, std::size_t bytes, Memory memory_of) {
  const std::uint64_t places = (file_bytes - bytes) / block_bytes + 1;
  lull::scope readers;
  for (unsigned i = 0; i < depth; ++i) {
    readers.spawn([&from, into = memory_of(i), at = i % places * block_bytes] {
      return read_again_and_again(from, into, at);
    });
  }
  co_await readers.join();
}

struct memory {
  explicit memory(std::size_t bytes) : known(depth, bytes) {
    for (unsigned i = 0; i < depth; ++i) {
      lent.push_back(known.try_acquire());
      plain.emplace_back(bytes);
    }
  }

  lull::registered_buffers known;
  std::vector<lull::registered_buffer> lent;
  std::vector<lull::aligned_buffer> plain;
};

pair_of_ways reads(const char* name, lull::file& from, memory& in, std::size_t bytes) {
  return {name, depth * reads_each,
          [&from, &in, bytes] {
            return read_side_by_side(from, bytes,
                                     [&](unsigned i) { return in.lent[i].first(bytes); });
          },
          [&from, &in, bytes] {
            return read_side_by_side(
                from, bytes, [&](unsigned i) { return std::span(in.plain[i]).first(bytes); });
          }};
}

lull::task<> write_durably(lull::file& to, const std::string& block) {
  for (unsigned i = 0; i < writes; ++i) {
    auto written = co_await to.write_durably(block, i * block_bytes);
    written.value();
  }
}

lull::task<> write_and_sync(lull::file& to, const std::string& block) {
  for (unsigned i = 0; i < writes; ++i) {
    auto written = co_await to.write_all(block, i * block_bytes);
    written.value();
    auto synced = co_await to.fdatasync();
    synced.value();
  }
}

lull::task<> compare(std::string path, int rounds) {
  auto file = co_await lull::fs::open(path, O_RDWR | O_CREAT);
  const std::string block(block_bytes, 'x');
  auto filled = co_await file.value().write_all(std::string(file_bytes, 'x'), 0);
  filled.value();
  auto synced = co_await file->fsync();
  synced.value();
  std::vector<pair_of_ways> pairs;
  pairs.push_back({"durable_write", writes, [&] { return write_durably(*file, block); },
                   [&] { return write_and_sync(*file, block); }});
  auto direct = co_await lull::fs::open(path, O_RDONLY | O_DIRECT);
  memory in(16 * block_bytes);
  if (!in.known.registration())
    std::fprintf(stderr, "%s\n", in.known.registration().message().c_str());
  if (direct && in.known.registration()) {
    pairs.push_back(reads("registered_4k", *direct, in, block_bytes));
    pairs.push_back(reads("registered_64k", *direct, in, 16 * block_bytes));
  }
  for (int round = 0; round < rounds; ++round) {
    for (const pair_of_ways& each : pairs) {
      double ns[2];
      for (const int turn : {round % 2, 1 - round % 2}) {
        auto taking = timed(turn == 0 ? each.way : each.other, each.operations, ns[turn]);
        co_await std::move(taking);
      }
      std::printf("%s %.0f %.0f\n", each.name.c_str(), ns[0], ns[1]);
    }
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count != 3) {
    std::fprintf(stderr, "usage: files_ways FILE ROUNDS\n");
    return 2;
  }
  const std::string path = arguments[1];
  const int rounds = std::atoi(arguments[2]);
  return lull::run({}, [&] { return compare(path, rounds); });
}
