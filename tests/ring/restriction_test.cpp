// SPDX-License-Identifier: MIT
// A restricted ring takes what lull uses, and nothing else.
#include <lull/ring/restriction.hpp>

#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include <catch2/catch_test_macros.hpp>
#include <lull/ring/buffer_ring.hpp>
#include <lull/ring/capabilities.hpp>

#include "result_of.hpp"

namespace {

constexpr lull::ring_options restricted{.submissions = 8, .completions = 16, .restricted = true};

// Lets a test fill an entry in by hand.
class open_kernel : public test::passing_kernel {
 public:
  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    memory = &into;
    return passing_kernel::setup(entries, params, into);
  }

  io_uring* memory = nullptr;
};

// Refuses one kind of registration with `error`, and counts the rings that are there.
class refusing_kernel : public test::passing_kernel {
 public:
  refusing_kernel(unsigned refused, int error) : refused_(refused), error_(error) {}

  int setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept override {
    const int result = passing_kernel::setup(entries, params, into);
    if (result >= 0) ++rings;
    return result;
  }
  void teardown(io_uring& ring) noexcept override {
    --rings;
    passing_kernel::teardown(ring);
  }
  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    if (opcode == refused_) return -error_;
    return passing_kernel::register_with(descriptor, opcode, argument, count);
  }

  int rings = 0;

 private:
  unsigned refused_;
  int error_;
};

using entry = lull::submission;

// What comes of a nop that has been made into something else.
int result_of_altered(void (*alter)(io_uring_sqe&), const lull::ring_options& options) {
  open_kernel kernel;
  lull::ring ring(options, kernel);
  test::observer target;
  ring.try_submission(&target).nop();
  alter(kernel.memory->sq.sqes[0]);
  REQUIRE(test::settle(ring, target, 1));
  return target.completions[0].result;
}

}  // namespace

TEST_CASE("every kind of submission passes a restricted ring") {
  lull::ring ring(restricted);
  const auto result = [&](auto fill) { return test::result_of(ring, fill); };
  test::observer target;
  sockaddr nowhere{};
  char byte = 0;
  // There is no such descriptor; that it says so means that it got as far.
  CHECK(result([&](entry e) { e.nop(); }) == 0);
  CHECK(result([&](entry e) { e.accept(-1); }) == -EBADF);
  CHECK(result([&](entry e) { e.accept_multishot(-1); }) == -EBADF);
  CHECK(result([&](entry e) { e.connect(-1, &nowhere, sizeof(nowhere)); }) == -EBADF);
  CHECK(result([&](entry e) { e.receive(-1, &byte, 1, 0); }) == -EBADF);
  CHECK(result([&](entry e) { e.receive_multishot(-1, 0); }) == -EBADF);
  msghdr message{};
  CHECK(result([&](entry e) { e.receive_message(-1, &message, 0); }) == -EBADF);
  CHECK(result([&](entry e) { e.receive_message_multishot(-1, &message, 0, 0); }) == -EBADF);
  CHECK(result([&](entry e) { e.send_message(-1, &message, MSG_NOSIGNAL); }) == -EBADF);
  CHECK(result([&](entry e) { e.send(-1, &byte, 1, MSG_NOSIGNAL); }) == -EBADF);
  const int zero_copy = result([&](entry e) { e.send_zero_copy(-1, &byte, 1, MSG_NOSIGNAL); });
  // Or the locked memory of rings that are closed has not come back.
  CHECK((zero_copy == -EBADF || zero_copy == -ENOMEM));
  CHECK(result([&](entry e) { e.shutdown(-1, SHUT_WR); }) == -EBADF);
  CHECK(result([&](entry e) { e.close(-1); }) == -EBADF);
  CHECK(result([&](entry e) { e.read(-1, &byte, 1); }) == -EBADF);
  CHECK(result([&](entry e) { e.cancel(target); }) == -ENOENT);
  CHECK(result([&](entry e) { e.cancel_descriptor(-1); }) == -EBADF);
  CHECK(result([&](entry e) { e.message(-1, target); }) == -EBADF);

  CHECK(result([&](entry e) { e.read_vectored(-1, nullptr, 0, 0); }) == -EBADF);
  CHECK(result([&](entry e) { e.write(-1, &byte, 1, 0, 0); }) == -EBADF);
  // Before Linux 6.13 the buffer, which is not there either, is looked at first.
  const int read = result([&](entry e) { e.read_registered(-1, &byte, 1, 0, 0); });
  CHECK((read == -EBADF || read == -EFAULT));
  const int written = result([&](entry e) { e.write_registered(-1, &byte, 1, 0, 0, 0); });
  CHECK((written == -EBADF || written == -EFAULT));
  CHECK(result([&](entry e) { e.write_vectored(-1, nullptr, 0, 0); }) == -EBADF);
  CHECK(result([&](entry e) { e.sync(-1, false); }) == -EBADF);
  CHECK(result([&](entry e) { e.sync_range(-1, 0, 1, 0); }) == -EBADF);
  CHECK(result([&](entry e) { e.allocate(-1, 0, 0, 1); }) == -EBADF);
  CHECK(result([&](entry e) { e.advise(-1, 0, 1, 0); }) == -EBADF);
  if (lull::detected_capabilities().truncate) {
    CHECK(result([&](entry e) { e.truncate(-1, 0); }) == -EBADF);
  }
  CHECK(result([&](entry e) { e.open("", O_RDONLY, 0); }) == -ENOENT);
  struct statx status;
  CHECK(result([&](entry e) { e.status(-1, "", 0, 0, &status); }) == -ENOENT);
  CHECK(result([&](entry e) { e.rename("", "", 0); }) == -ENOENT);
  CHECK(result([&](entry e) { e.link("", "", 0); }) == -ENOENT);
  CHECK(result([&](entry e) { e.symlink("", ""); }) == -ENOENT);
  CHECK(result([&](entry e) { e.unlink("", 0); }) == -ENOENT);
  CHECK(result([&](entry e) { e.make_directory("", 0); }) == -ENOENT);

  CHECK(result([&](entry e) { e.poll(-1, POLLIN); }) == -EBADF);
  CHECK(result([&](entry e) { e.splice(-1, -1, -1, -1, 1); }) == -EBADF);
  if (lull::detected_capabilities().wait_for_child) {
    siginfo_t child;
    CHECK(result([&](entry e) { e.wait_for_child(ring.descriptor(), &child); }) == -EBADF);
  }
  if (lull::detected_capabilities().futex) {
    const std::uint32_t word = 1;
    CHECK(result([&](entry e) { e.futex_wait(&word, 2, false); }) == -EAGAIN);
    CHECK(result([&](entry e) { e.futex_wake(&word, 1, true); }) == 0);
  }
}

TEST_CASE("what lull does not use is refused by a restricted ring alone") {
  const auto duplicate = [](io_uring_sqe& entry) { entry.opcode = IORING_OP_TEE; };
  CHECK(result_of_altered(duplicate, restricted) == -EACCES);
  CHECK(result_of_altered(duplicate, {}) != -EACCES);
  const auto set_attribute = [](io_uring_sqe& entry) { entry.opcode = IORING_OP_SETXATTR; };
  CHECK(result_of_altered(set_attribute, restricted) == -EACCES);
  const auto drain = [](io_uring_sqe& entry) { entry.flags = IOSQE_IO_DRAIN; };
  CHECK(result_of_altered(drain, restricted) == -EACCES);
  CHECK(result_of_altered(drain, {}) == 0);

  const lull::ring ring(restricted);
  const int event = ring.seam().event_descriptor();
  CHECK(ring.seam().register_with(ring.descriptor(), IORING_REGISTER_EVENTFD, &event, 1) ==
        -EACCES);
  CHECK(ring.seam().close(event) == 0);
}

TEST_CASE("a restricted ring has registered descriptors and ring messages") {
  // A thread has room for 16 registered rings: each gives its place back.
  for (int i = 0; i < 32; ++i) {
    lull::ring from(restricted);
    lull::ring to(restricted);
    REQUIRE(from.has() == lull::ring({.submissions = 8, .completions = 16}).has());
    test::observer target;
    from.try_submission(nullptr).message(to.descriptor(), target);
    from.submit();
    REQUIRE(test::settle(to, target, 1));
    REQUIRE(target.completions[0].result == 0);
  }
}

TEST_CASE("a restricted ring receives into buffers, again and again") {
  lull::ring ring(restricted);
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  test::observer received;
  for (std::size_t i = 0; i < 3; ++i) {
    // Of the same number: a registration that stayed would stand in the way of the next. Not below
    // 64: see buffer_ring.
    const lull::buffer_ring buffers(ring, 64, 2, 64, false);
    ring.try_submission(&received).receive_multishot(ends[0], buffers.group());
    REQUIRE(::send(ends[1], "a", 1, 0) == 1);
    REQUIRE(test::settle(ring, received, 2 * i + 1));
    REQUIRE(received.completions[2 * i].result == 1);
    ring.try_submission(nullptr).cancel(received);
    REQUIRE(test::settle(ring, received, 2 * i + 2));
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

namespace {

// Refuses a list with an operation from `first_unknown` on, as an older Linux does.
struct kernel_before : test::passing_kernel {
  explicit kernel_before(unsigned unknown) noexcept : first_unknown(unknown) {}

  int register_with(int descriptor, unsigned opcode, const void* argument,
                    unsigned count) noexcept override {
    const auto* const list = static_cast<const io_uring_restriction*>(argument);
    if (opcode == IORING_REGISTER_RESTRICTIONS) {
      for (unsigned i = 0; i < count; ++i) {
        if (list[i].opcode == IORING_RESTRICTION_SQE_OP && list[i].sqe_op >= first_unknown) {
          return -EINVAL;
        }
      }
    }
    return passing_kernel::register_with(descriptor, opcode, argument, count);
  }

  unsigned first_unknown;
};

}  // namespace

TEST_CASE("a kernel that does not know the newest operations restricts a ring to the others") {
  for (const unsigned first_unknown : {IORING_OP_WAITID, IORING_OP_FTRUNCATE}) {
    kernel_before kernel(first_unknown);
    lull::ring ring(restricted, kernel);
    siginfo_t child;
    // Where this very kernel does not know an operation, it says so before it looks at the list.
    const int refused = lull::detected_capabilities().truncate ? -EACCES : -EINVAL;
    CHECK(test::result_of(ring, [](entry e) { e.nop(); }) == 0);
    CHECK((test::result_of(ring, [&](entry e) { e.wait_for_child(-1, &child); }) == refused) ==
          (first_unknown == IORING_OP_WAITID || refused == -EINVAL));
    CHECK(test::result_of(ring, [](entry e) { e.truncate(-1, 0); }) == refused);
  }
}

TEST_CASE("a ring that cannot be restricted is an error and leaves nothing behind") {
  for (const unsigned refused : {IORING_REGISTER_RESTRICTIONS, IORING_REGISTER_ENABLE_RINGS}) {
    refusing_kernel kernel(refused, EINVAL);
    std::string text;
    try {
      lull::ring ring(restricted, kernel);
    } catch (const std::system_error& error) {
      text = error.what();
    }
    CHECK(text.find("does not restrict a ring") != std::string::npos);
    CHECK(kernel.rings == 0);
  }
}
