// SPDX-License-Identifier: MIT
#include "capabilities.hpp"

#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "buffer_ring.hpp"
#include "buffer_table.hpp"
#include "ring.hpp"

namespace lull {
namespace {

// Collects the completions of one experiment.
struct observer : completion_target {
  observer() noexcept : completion_target(&observer::seen) {}

  static void seen(completion_target& self, completion result) noexcept {
    auto& me = static_cast<observer&>(self);
    if (++me.count == 1) me.first = result;
    me.last = result;
  }

  int count = 0;
  completion first{};
  completion last{};
};

// Hands over what is prepared and collects what comes of it, for at most about 100 ms. Refusals
// take no time and count for nothing: a kernel that is short of memory just now is not an older
// one.
void settle(ring& on, const observer& watched, int completions) {
  const time_source clock;
  const time_point until = later(clock.now(), std::chrono::milliseconds(100));
  while (watched.count < completions && clock.now() < until) {
    on.wait(std::chrono::milliseconds(10));
    on.reap();
  }
}

// Each experiment has a ring of its own: what one leaves in flight ends with its ring, and
// completes into nobody's memory.
constexpr ring_options trial{.submissions = 8, .completions = 16};

struct socket_pair {
  socket_pair() noexcept {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) ends[0] = ends[1] = -1;
  }
  ~socket_pair() {
    for (const int end : ends) {
      if (end >= 0) ::close(end);
    }
  }
  socket_pair(const socket_pair&) = delete;
  socket_pair& operator=(const socket_pair&) = delete;

  int ends[2];
};

bool try_multishot_accept(kernel& through) {
  ring on(trial, through);
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;  // no name: the kernel picks one
  socklen_t bytes = sizeof(address.sun_family);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  observer accepted;
  bool works = false;
  if (listener >= 0 && client >= 0 && ::bind(listener, generic, bytes) == 0 &&
      ::listen(listener, 1) == 0) {
    bytes = sizeof(address);
    ::getsockname(listener, generic, &bytes);
    on.try_submission(&accepted).accept_multishot(listener);
    on.submit();
    if (::connect(client, generic, bytes) == 0) settle(on, accepted, 1);
    works = accepted.count > 0 && accepted.last.result >= 0 && accepted.last.more();
    if (accepted.count > 0 && accepted.last.result >= 0) ::close(accepted.last.result);
  }
  if (works) {
    const int seen = accepted.count;
    on.try_submission(nullptr).cancel(accepted);
    settle(on, accepted, seen + 1);
  }
  if (client >= 0) ::close(client);
  if (listener >= 0) ::close(listener);
  return works;
}

// Receives two messages; tells whether the ring of buffers, multishot and increments work. Where
// there is no memory for such a ring just now, they are there all the same.
void try_receive(kernel& through, bool incremental, capabilities& found) {
  ring on(trial, through);
  socket_pair pair;
  if (pair.ends[0] < 0) return;
  try {
    buffer_ring buffers(on, 7, 2, 4096, incremental);
    observer received;
    on.try_submission(&received).receive_multishot(pair.ends[0], buffers.group());
    on.submit();
    if (::send(pair.ends[1], "a", 1, MSG_NOSIGNAL) != 1) return;
    settle(on, received, 1);
    const bool took_buffer = received.last.result == 1 && received.last.has_buffer();
    found.buffer_ring = took_buffer;
    found.multishot_receive = took_buffer && received.last.more();
    found.incremental_buffers = took_buffer && incremental && received.last.buffer_more();
    if (found.multishot_receive) {
      on.try_submission(nullptr).cancel(received);
      settle(on, received, 2);
    }
  } catch (const std::system_error& refused) {
    const bool is_short = refused.code().value() == ENOMEM;
    if (is_short || !incremental) found.buffer_ring = found.multishot_receive = is_short;
    found.incremental_buffers = is_short && incremental;
  }
}

// Of a poll of the ring itself: that needs no memory to register and no other descriptor, of which
// there may be none just now.
bool can_cancel_descriptor(kernel& through) {
  ring on(trial, through);
  observer polled;
  observer cancelled;
  on.try_submission(&polled).poll(on.descriptor(), POLLPRI);
  on.try_submission(&cancelled).cancel_descriptor(on.descriptor());
  settle(on, cancelled, 1);
  settle(on, polled, 1);
  return cancelled.last.result == 1 && polled.last.result == -ECANCELED;
}

bool try_multishot_message(kernel& through) {
  ring on(trial, through);
  socket_pair pair;
  if (pair.ends[0] < 0) return false;
  try {
    buffer_ring buffers(on, 7, 2, 4096, false);
    observer received;
    msghdr shape{};
    on.try_submission(&received).receive_message_multishot(pair.ends[0], &shape, buffers.group(),
                                                           MSG_TRUNC);
    on.submit();
    if (::send(pair.ends[1], "a", 1, MSG_NOSIGNAL) != 1) return false;
    settle(on, received, 1);
    if (received.last.result != int{sizeof(message_header)} + 1 || !received.last.more())
      return false;
    on.try_submission(nullptr).cancel(received);
    settle(on, received, 2);
    return true;
  } catch (const std::system_error& refused) {
    return refused.code().value() == ENOMEM;
  }
}

bool try_message(kernel& through) {
  ring on(trial, through);
  observer delivered;
  on.try_submission(nullptr).message(on.descriptor(), delivered);
  settle(on, delivered, 1);
  return delivered.count == 1 && delivered.last.result == 0;
}

// On a socket that is not connected, so that no network is needed: what matters is the
// notification. A page is locked for it: where this user may lock no more just now, the operation
// is there all the same, and a send that is refused later is made by copying.
bool try_zero_copy_send(kernel& through) {
  ring on(trial, through);
  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  observer sent;
  on.try_submission(&sent).send_zero_copy(socket, "a", 1, MSG_NOSIGNAL);
  settle(on, sent, 1);
  const bool is_short = sent.count > 0 && sent.first.result == -ENOMEM;
  const bool took = sent.count > 0 && sent.first.result == -EPIPE && sent.first.more();
  if (sent.count > 0 && sent.first.more()) settle(on, sent, 2);
  ::close(socket);
  return is_short || (took && sent.count == 2 && sent.last.notification());
}

// Writes a byte from a page of the table into a socket, and reads it back beside it: a file may be
// beyond a limit. The page is locked for it: where this user may lock no more just now, the
// operations are there all the same.
bool try_registered_buffers(kernel& through) try {
  alignas(4096) std::byte memory[4096] = {std::byte{'a'}};
  ring on(trial, through);
  const socket_pair pair;
  buffer_table table(on, 1);
  if (const int place = table.add(memory, sizeof(memory)); place != 0) return place == -ENOMEM;
  observer moved;
  on.try_submission(&moved).write_registered(pair.ends[0], memory, 1, 0, 0, 0);
  settle(on, moved, 1);
  on.try_submission(&moved).read_registered(pair.ends[1], memory + 1, 1, 0, 0);
  settle(on, moved, 2);
  return moved.last.result == 1 && memory[1] == memory[0];
} catch (const std::system_error& refused) {
  return refused.code().value() == ENOMEM;
}

bool try_truncate(kernel& through) {
  ring on(trial, through);
  const int file = ::memfd_create("lull", MFD_CLOEXEC);
  if (file < 0) return false;
  observer truncated;
  on.try_submission(&truncated).truncate(file, 1);
  settle(on, truncated, 1);
  ::close(file);
  // Or a file may not be that long.
  return truncated.count == 1 && (truncated.last.result == 0 || truncated.last.result == -EFBIG);
}

// There is no child to try it with, and there need not be: who knows the operation finds that this
// descriptor is none of a process.
bool try_wait_for_child(kernel& through) {
  ring on(trial, through);
  observer waited;
  siginfo_t none{};
  on.try_submission(&waited).wait_for_child(on.descriptor(), &none);
  settle(on, waited, 1);
  return waited.count == 1 && waited.last.result == -EBADF;
}

// One waits, another wakes it.
bool try_futex(kernel& through) {
  ring on(trial, through);
  observer waited;
  observer woke;
  const std::uint32_t word = 1;
  on.try_submission(&waited).futex_wait(&word, 1, false);
  on.submit();
  on.reap();
  if (waited.count != 0) return false;
  on.try_submission(&woke).futex_wake(&word, 1, false);
  settle(on, woke, 1);
  if (woke.last.result != 1) {
    on.try_submission(nullptr).cancel(waited);
  }
  settle(on, waited, 1);
  return woke.count == 1 && woke.last.result == 1 && waited.last.result == 0;
}

}  // namespace

capabilities detect_capabilities(kernel& through) {
  if (!can_cancel_descriptor(through)) {
    throw std::system_error(ENOSYS, std::generic_category(),
                            "this kernel cannot cancel by descriptor, which Linux does from 5.19 "
                            "on; lull needs Linux 6.1, or a sandbox that lets that through");
  }
  capabilities found = ring(trial, through).has();
  found.ring_message = try_message(through);
  found.multishot_accept = try_multishot_accept(through);
  found.zero_copy_send = try_zero_copy_send(through);
  found.registered_buffers = try_registered_buffers(through);
  found.truncate = try_truncate(through);
  found.wait_for_child = try_wait_for_child(through);
  found.futex = try_futex(through);
  try_receive(through, true, found);
  if (!found.incremental_buffers) try_receive(through, false, found);
  found.multishot_message = found.buffer_ring && try_multishot_message(through);
  return found;
}

const capabilities& detected_capabilities() {
  static const capabilities found =
      capabilities::of_environment() & detect_capabilities(real_kernel());
  return found;
}

}  // namespace lull
