// SPDX-License-Identifier: MIT
#include <lull/ring/capabilities.hpp>

#include <liburing.h>

#include <cstdlib>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "../file_size_limit.hpp"
#include "watching_kernel.hpp"

namespace {

// A kernel of before incremental buffers (6.12), truncate (6.9), waitid and futexes (6.7), and
// NO_SQARRAY (6.6).
class kernel_6_1 : public test::passing_kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    if ((params.flags & IORING_SETUP_NO_SQARRAY) != 0) return -EINVAL;
    memory_ = &into;
    return passing_kernel::setup(entries, params, into);
  }
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    for (unsigned i = 0; i < memory_->sq.ring_entries; ++i) {
      io_uring_sqe& entry = memory_->sq.sqes[i];
      if (entry.opcode >= IORING_OP_WAITID) entry.opcode = 255;  // no such operation
    }
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }
  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    if (opcode == IORING_REGISTER_PBUF_RING &&
        static_cast<const io_uring_buf_reg*>(argument)->flags != 0) {
      return -EINVAL;
    }
    return passing_kernel::register_with(descriptor, opcode, argument, count);
  }

 private:
  io_uring* memory_ = nullptr;
};

// Short of memory most of the time: refuses thirty entries of each thirty-one.
class pressed_kernel : public test::passing_kernel {
 public:
  int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
            const void* argument, std::size_t bytes) noexcept override {
    if (++entries_ % 31 != 0) return -EAGAIN;
    return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
  }

 private:
  unsigned entries_ = 0;
};

// Gives the locked memory of rings that were closed back a little later.
class slow_kernel : public test::passing_kernel {
 public:
  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    if (opcode == IORING_REGISTER_PBUF_RING && ++asked_ % 3 != 0) return -ENOMEM;
    return passing_kernel::register_with(descriptor, opcode, argument, count);
  }

 private:
  unsigned asked_ = 0;
};

// Has no memory for the rings of buffers that it knows.
class kernel_without_memory : public test::passing_kernel {
 public:
  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    const int result = passing_kernel::register_with(descriptor, opcode, argument, count);
    if (opcode != IORING_REGISTER_PBUF_RING || result < 0) return result;
    io_uring_buf_reg registered{};
    registered.bgid = static_cast<const io_uring_buf_reg*>(argument)->bgid;
    passing_kernel::register_with(descriptor, IORING_UNREGISTER_PBUF_RING, &registered, 1);
    return -ENOMEM;
  }
};

}  // namespace

TEST_CASE(
    "a kernel short of memory for buffers was taken for one without them, and without cancels") {
  kernel_without_memory kernel;
  CHECK(lull::detect_capabilities(kernel) == lull::detected_capabilities());
}

TEST_CASE("what lull needs is found by doing it") {
  const auto& found = lull::detected_capabilities();
  REQUIRE(found.buffer_ring);
  REQUIRE(found.multishot_receive);
  REQUIRE(found.multishot_accept);
  REQUIRE(found.multishot_message);
  REQUIRE(found.ring_message);
  REQUIRE(found.registered_buffers);
  REQUIRE(&found == &lull::detected_capabilities());
}

TEST_CASE("what an older kernel lacks is found missing, and only that") {
  kernel_6_1 kernel;
  const auto found = lull::detect_capabilities(kernel);
  REQUIRE_FALSE(found.no_submission_array);
  REQUIRE_FALSE(found.incremental_buffers);
  REQUIRE_FALSE(found.truncate);
  REQUIRE_FALSE(found.wait_for_child);
  REQUIRE_FALSE(found.futex);
  REQUIRE(found.zero_copy_send);
  REQUIRE(found.buffer_ring);
  REQUIRE(found.multishot_receive);
  REQUIRE(found.ring_message);
}

TEST_CASE("a kernel that cannot cancel by descriptor is refused with a sentence") {
  struct older_kernel : test::watching_kernel {
    void handed_over(io_uring_sqe& entry) noexcept override {
      constexpr std::uint32_t unknown = 1U << 31;
      const bool by_descriptor = (entry.cancel_flags & IORING_ASYNC_CANCEL_FD) != 0;
      if (entry.opcode == IORING_OP_ASYNC_CANCEL && by_descriptor) entry.cancel_flags |= unknown;
    }
  } kernel;
  CHECK_THROWS_WITH(lull::detect_capabilities(kernel),
                    Catch::Matchers::ContainsSubstring("cannot cancel by descriptor") &&
                        Catch::Matchers::ContainsSubstring("lull needs Linux 6.1"));
}

TEST_CASE(
    "a kernel whose zero-copy sends do not say when they are done is found not to have them") {
  // Does something else instead.
  struct altered_kernel : test::passing_kernel {
    int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
      memory = &into;
      return passing_kernel::setup(entries, params, into);
    }
    int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
              const void* argument, std::size_t bytes) noexcept override {
      for (unsigned i = 0; i < memory->sq.ring_entries; ++i) {
        io_uring_sqe& entry = memory->sq.sqes[i];
        if (entry.opcode == IORING_OP_SEND_ZC) entry.opcode = instead;
      }
      return passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
    }
    std::uint8_t instead = 255;
    io_uring* memory = nullptr;
  } kernel;
  for (const std::uint8_t instead : {std::uint8_t{255}, std::uint8_t{IORING_OP_SEND}}) {
    kernel.instead = instead;
    lull::capabilities expected = lull::detected_capabilities();
    expected.zero_copy_send = false;
    CHECK(lull::detect_capabilities(kernel) == expected);
  }
}

TEST_CASE("where no page may be locked just now, zero-copy sends were taken for missing") {
  // As if other rings of the user had the memory: the first answer to such a send is -ENOMEM.
  struct short_of_pages : test::passing_kernel {
    int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
      memory = &into;
      return passing_kernel::setup(entries, params, into);
    }
    int enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
              const void* argument, std::size_t bytes) noexcept override {
      const int result =
          passing_kernel::enter(descriptor, submit, wait_for, flags, argument, bytes);
      const io_uring_cq& queue = memory->cq;
      for (unsigned i = *queue.khead; i != io_uring_smp_load_acquire(queue.ktail); ++i) {
        io_uring_cqe& one = queue.cqes[i & queue.ring_mask];
        if (one.res == -EPIPE) one.res = -ENOMEM;
      }
      return result;
    }
    io_uring* memory = nullptr;
  } kernel;
  CHECK(lull::detect_capabilities(kernel).zero_copy_send);
}

TEST_CASE("a kernel that is short of memory at the start is not taken for an older one") {
  pressed_kernel kernel;
  const lull::capabilities found = lull::detect_capabilities(kernel);
  INFO(found.describe());
  REQUIRE(found == lull::detected_capabilities());
}

TEST_CASE("locked memory that comes back late was taken for buffer rings that are not there") {
  slow_kernel kernel;
  const lull::capabilities found = lull::detect_capabilities(kernel);
  INFO(found.describe());
  REQUIRE(found == lull::detected_capabilities());
}

TEST_CASE("capabilities are combined, compared and described") {
  lull::capabilities without;
  without.ring_message = false;
  REQUIRE((lull::capabilities{} & without) == without);
  REQUIRE(without != lull::capabilities{});
  REQUIRE(without.describe().find("ring message: no, used instead: an event descriptor") !=
          std::string::npos);
  REQUIRE(without.describe().find("buffer ring: yes") != std::string::npos);
}

TEST_CASE("what older kernels lack is known by their version") {
  CHECK(lull::capabilities::of_linux(6, 12) == lull::capabilities{});
  lull::capabilities lts = lull::capabilities::of_linux(6, 6);
  CHECK(lts.no_submission_array);
  CHECK_FALSE(lts.incremental_buffers);
  CHECK_FALSE(lts.truncate);
  CHECK_FALSE(lts.wait_for_child);
  CHECK_FALSE(lts.futex);
  lts.no_submission_array = false;
  CHECK(lull::capabilities::of_linux(6, 1) == lts);
  CHECK_FALSE(lull::capabilities::of_linux(5, 15).ring_message);
  CHECK(lull::capabilities::of_linux(7, 0) == lull::capabilities{});
}

namespace {

// LULL_AS_LINUX for a while; empty: none.
class as_linux {
 public:
  explicit as_linux(const std::string& version) { set(version); }
  ~as_linux() { set(before_); }
  as_linux(const as_linux&) = delete;
  as_linux& operator=(const as_linux&) = delete;

 private:
  static std::string now() {
    const char* const version = std::getenv("LULL_AS_LINUX");
    return version == nullptr ? "" : version;
  }
  static void set(const std::string& version) {
    if (version.empty()) {
      ::unsetenv("LULL_AS_LINUX");
    } else {
      ::setenv("LULL_AS_LINUX", version.c_str(), 1);
    }
  }

  const std::string before_ = now();
};

}  // namespace

TEST_CASE("the environment makes lull take the ways of an older kernel") {
  const as_linux unset("");
  CHECK(lull::capabilities::of_environment() == lull::capabilities{});
  {
    const as_linux old("6.1");
    CHECK(lull::capabilities::of_environment() == lull::capabilities::of_linux(6, 1));
  }
  const as_linux too_old("5.19");
  CHECK_THROWS_WITH(lull::capabilities::of_environment(),
                    Catch::Matchers::ContainsSubstring("lull runs on Linux 6.1 and later"));
  for (const char* wrong : {"6", "6.", ".1", "six", "6.1.2", "6.1 ", "-6.1", "99999999999.1"}) {
    const as_linux set(wrong);
    CHECK_THROWS_WITH(
        lull::capabilities::of_environment(),
        Catch::Matchers::StartsWith(std::string("the environment variable LULL_AS_LINUX is \"") +
                                    wrong + "\", which is no version of Linux"));
  }
}

TEST_CASE("a limit of how long files get was taken for a kernel without operations") {
  const lull::capabilities all = lull::detect_capabilities(lull::real_kernel());
  const test::file_size_limit none(0);
  const lull::capabilities limited = lull::detect_capabilities(lull::real_kernel());
  CHECK(limited.registered_buffers == all.registered_buffers);
  CHECK(limited.truncate == all.truncate);
}
