// SPDX-License-Identifier: MIT
#include <lull/ring/buffer_table.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <system_error>

#include <catch2/catch_test_macros.hpp>

#include "refusing_registration.hpp"
#include "result_of.hpp"
#include "watching_kernel.hpp"

using refusing = test::refusing_registration;

namespace {

constexpr std::size_t page_bytes = 4096;

struct pages {
  alignas(page_bytes) std::byte bytes[2 * page_bytes]{};
};

// A file without a name.
struct memory_file {
  memory_file() : descriptor(::memfd_create("lull", MFD_CLOEXEC)) { REQUIRE(descriptor >= 0); }
  ~memory_file() { ::close(descriptor); }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  int descriptor;
};

// Gives another error for EFAULT, at which checked builds stop: here it is asked for.
class tame_kernel : public test::watching_kernel {
  void completed(io_uring_cqe& one) noexcept override {
    if (one.res == -EFAULT) one.res = -ENXIO;
  }
};

}  // namespace

TEST_CASE("memory in the table is written from and read into, and no other is") {
  const memory_file file;
  pages memory;
  std::memcpy(memory.bytes + 100, "text", 4);
  for (const bool restricted : {false, true}) {
    tame_kernel kernel;
    lull::ring ring({.submissions = 8, .completions = 16, .restricted = restricted}, kernel);
    lull::buffer_table table(ring, 2);
    const int place = table.add(memory.bytes, page_bytes);
    if (place == -ENOMEM) SKIP("no page may be locked");
    REQUIRE(place == 0);
    using entry = lull::submission;
    CHECK(test::result_of(ring, [&](entry e) {
            e.write_registered(file.descriptor, memory.bytes + 100, 4, 7, 0, 0);
          }) == 4);
    CHECK(test::result_of(ring, [&](entry e) {
            e.read_registered(file.descriptor, memory.bytes + 200, 64, 7, 0);
          }) == 4);
    CHECK(std::memcmp(memory.bytes + 200, "text", 4) == 0);
    // Beyond what was added, and in a place with nothing.
    CHECK(test::result_of(ring, [&](entry e) {
            e.read_registered(file.descriptor, memory.bytes + page_bytes - 2, 4, 7, 0);
          }) == -ENXIO);
    CHECK(test::result_of(ring, [&](entry e) {
            e.read_registered(file.descriptor, memory.bytes, 4, 7, 1);
          }) == -ENXIO);
    table.remove(0);
    CHECK(test::result_of(ring, [&](entry e) {
            e.read_registered(file.descriptor, memory.bytes, 4, 7, 0);
          }) == -ENXIO);
  }
}

TEST_CASE("a table gives its places out, says when it is full, and takes them back") {
  lull::ring ring({.submissions = 8, .completions = 16});
  lull::buffer_table table(ring, 2);
  pages memory;
  if (table.add(memory.bytes, page_bytes) == -ENOMEM) SKIP("no page may be locked");
  CHECK(table.add(memory.bytes + page_bytes, page_bytes) == 1);
  CHECK(table.add(memory.bytes, page_bytes) == -ENOSPC);
  table.remove(0);
  CHECK(table.add(memory.bytes, page_bytes) == 0);
  table.remove(1);
  table.remove(0);
  // What the kernel refuses takes no place.
  CHECK(table.add(nullptr, page_bytes) < 0);
  CHECK(table.add(memory.bytes, page_bytes) == 0);
}

TEST_CASE("a table that went leaves room for another, of up to 64 places") {
  pages memory;
  for (const bool restricted : {false, true}) {
    lull::ring ring({.submissions = 8, .completions = 16, .restricted = restricted});
    for (const unsigned places : {1U, 64U, 63U}) {
      lull::buffer_table table(ring, places);
      const int place = table.add(memory.bytes, page_bytes);
      CHECK((place == 0 || place == -ENOMEM));
    }
  }
}

TEST_CASE("a kernel that refuses the table, or memory for it, is told apart") {
  pages memory;
  refusing no_table(refusing::buffer_table, EINVAL);
  lull::ring ring({.submissions = 8, .completions = 16}, no_table);
  CHECK_THROWS_AS(lull::buffer_table(ring, 1), std::system_error);
  refusing no_memory(refusing::memory_in_table, ENOMEM);
  lull::ring poor({.submissions = 8, .completions = 16}, no_memory);
  lull::buffer_table table(poor, 1);
  CHECK(table.add(memory.bytes, page_bytes) == -ENOMEM);
}

TEST_CASE("where no page may be locked just now, registered buffers are not taken for missing") {
  refusing no_table(refusing::buffer_table, EINVAL);
  CHECK(!lull::detect_capabilities(no_table).registered_buffers);
  for (const unsigned refused : {refusing::buffer_table, refusing::memory_in_table}) {
    refusing poor(refused, ENOMEM);
    CHECK(lull::detect_capabilities(poor).registered_buffers);
  }
}
