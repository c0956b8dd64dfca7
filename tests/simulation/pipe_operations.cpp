// SPDX-License-Identifier: MIT
// What a simulated ring does with pipes: reads, writes and polls, which wait without a thread, and
// splices, which need one.
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "simulated_ring.hpp"

namespace simulation {
namespace {

template <class T>
T* in_memory(std::uint64_t number) noexcept {
  return reinterpret_cast<T*>(static_cast<std::uintptr_t>(number));
}

}  // namespace

void simulated_ring::begin_with_pipe(const io_uring_sqe& entry) noexcept {
  if (!kernel_.pipes.is_open(entry.fd)) by_.fail("an operation names a pipe that is not open");
  in_flight_.push_back({entry});
  go_on_with_pipe(in_flight_.back());
}

void simulated_ring::go_on_with_pipe(in_flight& one) noexcept {
  simulated_pipes& pipes = kernel_.pipes;
  const io_uring_sqe& entry = one.entry;
  if (entry.opcode == IORING_OP_POLL_ADD) {
    const unsigned wanted = entry.poll32_events | POLLERR | POLLHUP;
    const unsigned come = pipes.readiness(entry.fd) & wanted;
    if (come == 0) return;
    ++kernel_.made.polls_ready;
    return complete(entry.user_data, static_cast<std::int32_t>(come));
  }
  const bool reads = entry.opcode == IORING_OP_READ;
  const std::size_t there = reads ? pipes.content(entry.fd).size() : pipes.room(entry.fd);
  const std::size_t most = cut_short(
      static_cast<unsigned>(std::min<std::size_t>(entry.len, std::max<std::size_t>(there, 1))));
  auto* const memory = in_memory<void>(entry.addr);
  const int moved =
      reads ? pipes.read(entry.fd, memory, most) : pipes.write(entry.fd, memory, most);
  if (moved == -EAGAIN) return;
  complete(entry.user_data, moved);
  pipes.tell(entry.fd);
}

// A thread takes it up. One that has just been made may be interrupted, with nothing done.
void simulated_ring::take_up_splice(in_flight& one) noexcept {
  one.begun = true;
  by_.note("a thread takes up a splice");
  if (by_.fault(8)) {
    ++kernel_.made.operations_interrupted;
    return complete(one.entry.user_data, interruption(one.entry));
  }
  splice(one);
}

// From where there are bytes to where there is room, and not all of that at times.
void simulated_ring::splice(in_flight& one) noexcept {
  if (one.ended || !one.begun) return;
  const io_uring_sqe& entry = one.entry;
  const int from = entry.splice_fd_in;
  simulated_pipes& pipes = kernel_.pipes;
  std::string bytes;
  if (simulated_pipes::is_end(from)) {
    bytes = pipes.content(from).substr(0, entry.len);
    if (bytes.empty() && pipes.has_writer(from)) return;
  } else {
    bytes = kernel_.files.part(from, entry.splice_off_in, entry.len);
  }
  int moved = 0;
  if (!bytes.empty()) {
    bytes.resize(cut_short(static_cast<unsigned>(bytes.size())));
    moved = put_spliced(entry, bytes);
  }
  if (moved == -EAGAIN) return;
  if (moved > 0) {
    kernel_.made.spliced += static_cast<unsigned>(moved);
    if (simulated_pipes::is_end(from)) {
      pipes.read(from, bytes.data(), static_cast<std::size_t>(moved));
    }
  }
  by_.note("spliced", moved);
  complete(entry.user_data, moved);
  if (simulated_pipes::is_end(from)) pipes.tell(from);
  if (simulated_pipes::is_end(entry.fd)) pipes.tell(entry.fd);
}

int simulated_ring::put_spliced(const io_uring_sqe& entry, const std::string& bytes) noexcept {
  if (simulated_pipes::is_end(entry.fd)) {
    return kernel_.pipes.write(entry.fd, bytes.data(), bytes.size());
  }
  if (!simulated_files::is_file(entry.fd)) by_.fail("bytes are spliced to what is no file");
  return kernel_.files.write(entry.fd, bytes.data(), bytes.size(), entry.off);
}

}  // namespace simulation
