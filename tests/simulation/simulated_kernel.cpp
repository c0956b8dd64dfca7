// SPDX-License-Identifier: MIT
#include "simulated_kernel.hpp"

#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

constexpr int first_ring = 100;
constexpr int first_event = 1000;
constexpr int first_socket = 10'000;
constexpr int first_registered = 0;

}  // namespace

simulated_kernel::simulated_kernel(schedule& by)
    : sockets(by), network(by), files(by), pipes(by), names(by), by_(by) {
  sockets.changed = network.changed = pipes.changed = names.changed = [this](int descriptor) {
    for (auto& one : rings_) {
      if (one != nullptr) one->go_on_with(descriptor);
    }
  };
  by_.ask_for_news([this] {
    lull::time_point next = lull::time_point::max();
    for (auto& one : rings_) {
      if (one == nullptr) continue;
      if (const lull::time_point due = one->show_flags(); due > by_.now()) {
        next = std::min(next, due);
      }
    }
    return next;
  });
}

simulated_kernel::~simulated_kernel() = default;

int simulated_kernel::setup(unsigned entries, io_uring_params& params, io_uring& into) noexcept {
  if ((params.flags & IORING_SETUP_NO_SQARRAY) != 0 && !knows_no_submission_array) return -EINVAL;
  if ((params.flags & IORING_SETUP_DEFER_TASKRUN) != 0 && !knows_deferred_task_work) {
    return -EINVAL;
  }
  const int number = static_cast<int>(rings_.size());
  rings_.push_back(std::make_unique<simulated_ring>(*this, by_, entries, params, number));
  rings_.back()->map(into);
  into.flags = params.flags;
  into.features = params.features = IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP;
  into.ring_fd = into.enter_ring_fd = first_ring + number;
  return into.ring_fd;
}

void simulated_kernel::teardown(io_uring& ring) noexcept {
  rings_[static_cast<std::size_t>(ring.ring_fd - first_ring)].reset();
}

simulated_ring* simulated_kernel::ring_of(int descriptor, bool registered) noexcept {
  const auto index = static_cast<std::size_t>(descriptor - (registered ? 0 : first_ring));
  return index < rings_.size() ? rings_[index].get() : nullptr;
}

int simulated_kernel::enter(int descriptor, unsigned submit, unsigned wait_for, unsigned flags,
                            const void* argument, std::size_t argument_bytes) noexcept {
  if (submit == 0 && flags == 0) return 0;  // a new ring is tried
  by_.step();
  by_.note("enter", submit, wait_for);
  simulated_ring* const ring = ring_of(descriptor, (flags & IORING_ENTER_REGISTERED_RING) != 0);
  if (ring == nullptr) return -EBADF;
  if (ring->entered_by == simulated_ring::nobody) ring->entered_by = by_.current();
  if (ring->entered_by != by_.current()) return -EEXIST;
  if (by_.fault(24)) ring->refusals = 1 + by_.random.below(12);  // one after the other
  if (by_.faults() && ring->refusals != 0) {
    --ring->refusals;
    ++made.refused;
    return by_.chance(2) ? -EAGAIN : -EBUSY;
  }
  const unsigned taken = ring->take_entries(submit);
  if ((flags & IORING_ENTER_GETEVENTS) == 0) return static_cast<int>(taken);
  ring->post_due();
  // As the real one: it does not wait when it has not taken all.
  if (wait_for == 0 || ring->has_completions() || taken != submit) return static_cast<int>(taken);
  lull::time_point limit = lull::time_point::max();
  if ((flags & IORING_ENTER_EXT_ARG) != 0 && argument_bytes == sizeof(io_uring_getevents_arg)) {
    const auto& given = *static_cast<const io_uring_getevents_arg*>(argument);
    const auto& time = *reinterpret_cast<const __kernel_timespec*>(given.ts);
    limit =
        lull::later(by_.now(), std::chrono::seconds(time.tv_sec) + lull::nanoseconds(time.tv_nsec));
  }
  by_.note("sleeps");
  int result = 0;
  while (!ring->has_completions()) {
    if (by_.fault(8)) {
      ++made.interrupted;
      result = -EINTR;
      break;
    }
    by_.wait([ring] { return ring->has_news(); }, limit);
    ring->post_due();
    if (limit <= by_.now() && !ring->has_completions()) {
      ++made.timed_out;
      result = -ETIME;
      break;
    }
  }
  by_.note("wakes", result);
  return taken != 0 ? static_cast<int>(taken) : result;
}

int simulated_kernel::register_with(int descriptor, unsigned opcode, const void* argument,
                                    unsigned) noexcept {
  const auto* const buffers = static_cast<const io_uring_buf_reg*>(argument);
  switch (opcode) {
    case IORING_REGISTER_PBUF_RING:
      if ((buffers->flags & IOU_PBUF_RING_INC) != 0 && !knows_incremental_buffers) return -EINVAL;
      ring_of(descriptor, false)->use_buffers(*buffers);
      return 0;
    case IORING_UNREGISTER_PBUF_RING:
      ring_of(descriptor, false)->forget_buffers(buffers->bgid);
      return 0;
    case IORING_REGISTER_BUFFERS2:
      if (by_.fault(4)) return -ENOMEM;
      ring_of(descriptor, false)
          ->register_places(static_cast<const io_uring_rsrc_register*>(argument)->nr);
      return 0;
    case IORING_UNREGISTER_BUFFERS:
      ring_of(descriptor, false)->register_places(0);
      return 0;
    case IORING_REGISTER_BUFFERS_UPDATE: {
      const auto& change = *static_cast<const io_uring_rsrc_update2*>(argument);
      const auto& memory =
          *reinterpret_cast<const iovec*>(static_cast<std::uintptr_t>(change.data));
      return ring_of(descriptor, false)->change_registered(change.offset, memory);
    }
    case IORING_REGISTER_RING_FDS: {
      auto& asked = *static_cast<io_uring_rsrc_update*>(const_cast<void*>(argument));
      asked.offset = static_cast<unsigned>(descriptor - first_ring + first_registered);
      return 1;
    }
    case IORING_UNREGISTER_RING_FDS:
      return 1;
    case IORING_REGISTER_IOWQ_MAX_WORKERS:
      return 0;
    default:
      return -EINVAL;
  }
}

void simulated_kernel::message(simulated_ring& from, std::uint64_t user_data, int to,
                               std::uint64_t target_data, std::uint32_t length,
                               bool quiet) noexcept {
  simulated_ring* const target = ring_of(to, false);
  if (target == nullptr) return from.complete(user_data, -EBADFD);
  if (by_.fault(4)) {
    ++made.failed_messages;
    return from.complete(user_data, by_.chance(2) ? -ENOMEM : -EOVERFLOW);
  }
  target->receive(target_data, static_cast<std::int32_t>(length));
  if (!quiet) from.complete(user_data, 0);
}

int simulated_kernel::event_descriptor() noexcept {
  events_.emplace_back();
  return first_event + static_cast<int>(events_.size()) - 1;
}

std::uint64_t simulated_kernel::take_event(int descriptor) noexcept {
  const auto index = static_cast<std::size_t>(descriptor - first_event);
  if (index >= events_.size() || !events_[index].open) by_.fail("a closed descriptor is read");
  return std::exchange(events_[index].value, 0);
}

int simulated_kernel::signal_event(int descriptor) noexcept {
  by_.step();
  by_.note("signal", descriptor - first_event);
  const auto index = static_cast<std::size_t>(descriptor - first_event);
  if (index >= events_.size() || !events_[index].open) by_.fail("a closed descriptor is signalled");
  ++events_[index].value;
  for (auto& one : rings_) {
    if (one != nullptr) one->signalled(descriptor);
  }
  return 8;
}

int simulated_kernel::close(int descriptor) noexcept {
  if (descriptor >= first_socket || is_given(descriptor)) return close_named(descriptor);
  const auto index = static_cast<std::size_t>(descriptor - first_event);
  if (index >= events_.size() || !events_[index].open) return -EBADF;
  events_[index].open = false;
  return 0;
}

int simulated_kernel::close_named(int descriptor) noexcept {
  for (auto& one : rings_) {
    if (one != nullptr && one->names(descriptor)) {
      by_.fail("a descriptor is closed while an operation names it, or what it sent is kept");
    }
  }
  if (is_given(descriptor)) {
    std::erase(ended_children_, descriptor);
    return ::close(descriptor) == 0 ? 0 : -errno;
  }
  if (simulated_files::is_file(descriptor)) return files.close(descriptor);
  if (simulated_pipes::is_end(descriptor)) return pipes.close(descriptor);
  if (simulated_network::is_socket(descriptor)) return network.close(descriptor);
  if (simulated_unix::is_socket(descriptor)) return names.close(descriptor);
  names.forget(descriptor);
  return sockets.close(descriptor);
}

unsigned simulated_kernel::wake(const std::uint32_t* word, unsigned most) noexcept {
  unsigned woken = 0;
  for (auto& one : rings_) {
    if (one != nullptr) woken += one->wake(word, most - woken);
  }
  return woken;
}

bool simulated_kernel::has_file_work() const noexcept {
  return std::any_of(rings_.begin(), rings_.end(),
                     [](const auto& one) { return one != nullptr && one->has_file_work(); });
}

void simulated_kernel::do_file_work() noexcept {
  for (auto& one : rings_) {
    if (one != nullptr && one->has_file_work()) return one->do_file_work();
  }
}

int simulated_kernel::socket(int family, int type, int) noexcept {
  if ((type & SOCK_DGRAM) != 0) return family == AF_UNIX ? names.make() : network.make();
  return short_of_sockets && by_.fault(8) ? -EMFILE : sockets.make();
}

int simulated_kernel::bind(int descriptor, const sockaddr* address, socklen_t bytes) noexcept {
  if (address->sa_family == AF_UNIX) return names.bind(descriptor, unix_name(address, bytes));
  if (!simulated_network::is_socket(descriptor)) return 0;
  sockaddr_in local;
  std::memcpy(&local, address, sizeof(local));
  return network.bind(descriptor, ntohs(local.sin_port));
}

int simulated_kernel::listen(int descriptor, int) noexcept { return sockets.listen(descriptor); }
int simulated_kernel::set_option(int, int, int, const void*, socklen_t) noexcept { return 0; }
int simulated_kernel::remove_unused_name(int, const sockaddr* address, socklen_t bytes) noexcept {
  return names.remove_unused(unix_name(address, bytes));
}

int simulated_kernel::local_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept {
  const std::string& bound = names.name_of(descriptor);
  if (!bound.empty()) return put_name(bound, address, bytes);
  const bool datagrams = simulated_network::is_socket(descriptor);
  return name(datagrams ? static_cast<int>(network.port_of(descriptor)) : 7007, address, bytes);
}

int simulated_kernel::unconfirmed_bytes(int) noexcept { return -EOPNOTSUPP; }

int simulated_kernel::peer_address(int descriptor, sockaddr* address, socklen_t* bytes) noexcept {
  if (sockets.is_linked(descriptor)) return put_name("", address, bytes);
  return name(sockets.peer_of(descriptor), address, bytes);
}

int simulated_kernel::name(int port, sockaddr* address, socklen_t* bytes) noexcept {
  if (port < 0) return port;
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  made.sin_port = htons(static_cast<std::uint16_t>(port));
  std::memcpy(address, &made, sizeof(made));
  *bytes = sizeof(made);
  return 0;
}

}  // namespace simulation
