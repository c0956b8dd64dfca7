// SPDX-License-Identifier: MIT
// The reference that the echo benchmark divides by: one thread, one ring, liburing by hand and
// nothing between it and the kernel. It does what was measured to be cheapest on this kind of
// kernel, and it is not an example of how to write a server: errors end it, and a peer that sends
// without reading is only held back by the size of the buffer ring.
//
// Usage: echo_ceiling PORT [POLL_US]. Listens on 127.0.0.1 until it is killed. With POLL_US it
// looks for work so many microseconds before it sleeps, as a lone connection likes it.

#include <liburing.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "listening.hpp"

namespace {

constexpr unsigned submission_entries = 4096;
constexpr unsigned completion_entries = 16384;
constexpr unsigned buffer_count = 32;
constexpr unsigned buffer_bytes = 64 * 1024;
constexpr int buffer_group = 0;

enum class operation : std::uint32_t { accept, receive, send };

struct chunk {
  std::uint32_t buffer;
  std::uint32_t offset;
  std::uint32_t bytes;
};

struct connection {
  std::vector<chunk> waiting;  // received while a send is in flight; sent in this order
  std::size_t next = 0;        // first of `waiting` that has not been sent
  chunk in_flight{};
  bool sending = false;
  bool receiving = false;
  bool ended = false;
};

struct buffer_state {
  std::uint32_t filled = 0;  // where the next receive into it starts
  std::uint32_t unsent = 0;  // chunks of it that have not been sent back yet
  bool full = false;         // the kernel has let go of it
};

[[noreturn]] void fail(const char* what, int error) {
  std::fprintf(stderr, "echo_ceiling: %s: %s\n", what, std::strerror(error));
  std::exit(1);
}

class server {
 public:
  server(std::uint16_t port, std::chrono::microseconds poll) : poll_(poll) {
    open_ring();
    open_buffers();
    listener_ = lull::bench::listen_on(port);
  }

  [[noreturn]] void run() {
    arm_accept();
    for (;;) {
      if (poll_.count() > 0) look_for_work();
      // One system call an iteration: submits all that was prepared and waits for the next.
      const int result = io_uring_submit_and_wait(&ring_, 1);
      if (result < 0 && result != -EINTR && result != -EBUSY) fail("waiting failed", -result);
      unsigned head = 0;
      unsigned seen = 0;
      io_uring_cqe* completion = nullptr;
      io_uring_for_each_cqe(&ring_, head, completion) {
        ++seen;
        handle(*completion);
      }
      io_uring_cq_advance(&ring_, seen);
      if (!starved_.empty() && free_buffers_ > 0) rearm_starved();
    }
  }

 private:
  // Until there is a completion, or one that the kernel has still to write down, or no time left.
  void look_for_work() {
    if (io_uring_sq_ready(&ring_) > 0) io_uring_submit(&ring_);
    const auto end = std::chrono::steady_clock::now() + poll_;
    while (io_uring_cq_ready(&ring_) == 0 &&
           (IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_TASKRUN) == 0 &&
           std::chrono::steady_clock::now() < end) {}
  }

  void open_ring() {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                       IORING_SETUP_NO_SQARRAY | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
    if (poll_.count() > 0) parameters.flags |= IORING_SETUP_TASKRUN_FLAG;
    parameters.cq_entries = completion_entries;
    int result = io_uring_queue_init_params(submission_entries, &ring_, &parameters);
    if (result < 0) fail("io_uring refused (this reference needs Linux 6.12)", -result);
    result = io_uring_register_ring_fd(&ring_);
    if (result < 0) fail("registering the ring's descriptor failed", -result);
  }

  void open_buffers() {
    void* memory = mmap(nullptr, std::size_t{buffer_count} * buffer_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) fail("no memory for the buffers", errno);
    memory_ = static_cast<char*>(memory);
    int error = 0;
    buffer_ring_ =
        io_uring_setup_buf_ring(&ring_, buffer_count, buffer_group, IOU_PBUF_RING_INC, &error);
    if (buffer_ring_ == nullptr) {
      fail("no incremental buffer ring (this reference needs Linux 6.12)", -error);
    }
    for (std::uint32_t i = 0; i < buffer_count; ++i) give_buffer(i);
  }

  io_uring_sqe* submission() {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) {
      io_uring_submit(&ring_);
      entry = io_uring_get_sqe(&ring_);
      if (entry == nullptr) fail("the submission queue stays full", EBUSY);
    }
    return entry;
  }

  static void name(io_uring_sqe* entry, operation what, int descriptor) {
    entry->user_data =
        (static_cast<std::uint64_t>(what) << 32) | static_cast<std::uint32_t>(descriptor);
  }

  void arm_accept() {
    io_uring_sqe* entry = submission();
    io_uring_prep_multishot_accept(entry, listener_, nullptr, nullptr, 0);
    name(entry, operation::accept, listener_);
  }

  void arm_receive(int descriptor) {
    io_uring_sqe* entry = submission();
    io_uring_prep_recv_multishot(entry, descriptor, nullptr, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = buffer_group;
    name(entry, operation::receive, descriptor);
    connections_[static_cast<std::size_t>(descriptor)].receiving = true;
  }

  void handle(const io_uring_cqe& completion) {
    const auto descriptor = static_cast<int>(completion.user_data & 0xffffffffU);
    switch (static_cast<operation>(completion.user_data >> 32)) {
      case operation::accept:
        accepted(completion);
        break;
      case operation::receive:
        received(descriptor, completion);
        break;
      case operation::send:
        sent(descriptor, completion);
        break;
    }
  }

  void accepted(const io_uring_cqe& completion) {
    if (completion.res < 0) fail("accept failed", -completion.res);
    const auto index = static_cast<std::size_t>(completion.res);
    if (index >= connections_.size()) connections_.resize(index + 1);
    connections_[index] = connection{};
    arm_receive(completion.res);
    if ((completion.flags & IORING_CQE_F_MORE) == 0) arm_accept();
  }

  void received(int descriptor, const io_uring_cqe& completion) {
    connection& peer = connections_[static_cast<std::size_t>(descriptor)];
    const bool more = (completion.flags & IORING_CQE_F_MORE) != 0;
    if (!more) peer.receiving = false;
    if (completion.res > 0) {
      const std::uint32_t index = completion.flags >> IORING_CQE_BUFFER_SHIFT;
      buffer_state& buffer = buffers_[index];
      const chunk part{index, buffer.filled, static_cast<std::uint32_t>(completion.res)};
      buffer.filled += part.bytes;
      ++buffer.unsent;
      if ((completion.flags & IORING_CQE_F_BUF_MORE) == 0) {
        buffer.full = true;
        --free_buffers_;
      }
      reply(descriptor, peer, part);
      if (!more) arm_receive(descriptor);
      return;
    }
    if (completion.res == -ENOBUFS) {
      starved_.push_back(descriptor);
      return;
    }
    peer.ended = true;
    if (!peer.sending) close(descriptor);
  }

  void reply(int descriptor, connection& peer, chunk part) {
    if (peer.sending) {
      peer.waiting.push_back(part);
      return;
    }
    send_chunk(descriptor, peer, part);
  }

  void send_chunk(int descriptor, connection& peer, chunk part) {
    peer.sending = true;
    peer.in_flight = part;
    io_uring_sqe* entry = submission();
    const char* from = memory_ + std::size_t{part.buffer} * buffer_bytes + part.offset;
    io_uring_prep_send(entry, descriptor, from, part.bytes, MSG_WAITALL | MSG_NOSIGNAL);
    name(entry, operation::send, descriptor);
  }

  void sent(int descriptor, const io_uring_cqe&) {
    connection& peer = connections_[static_cast<std::size_t>(descriptor)];
    peer.sending = false;
    done_with(peer.in_flight);
    if (peer.next < peer.waiting.size()) {
      send_chunk(descriptor, peer, peer.waiting[peer.next++]);
      return;
    }
    peer.waiting.clear();
    peer.next = 0;
    if (peer.ended) close(descriptor);
  }

  void done_with(chunk part) {
    buffer_state& buffer = buffers_[part.buffer];
    if (--buffer.unsent == 0 && buffer.full) give_buffer(part.buffer);
  }

  void give_buffer(std::uint32_t index) {
    buffers_[index] = buffer_state{};
    io_uring_buf_ring_add(buffer_ring_, memory_ + std::size_t{index} * buffer_bytes, buffer_bytes,
                          static_cast<unsigned short>(index), io_uring_buf_ring_mask(buffer_count),
                          0);
    io_uring_buf_ring_advance(buffer_ring_, 1);
    ++free_buffers_;
  }

  void rearm_starved() {
    for (const int descriptor : starved_) arm_receive(descriptor);
    starved_.clear();
  }

  const std::chrono::microseconds poll_;
  io_uring ring_{};
  io_uring_buf_ring* buffer_ring_ = nullptr;
  char* memory_ = nullptr;
  int listener_ = -1;
  unsigned free_buffers_ = 0;  // that the kernel may still fill
  buffer_state buffers_[buffer_count];
  std::vector<connection> connections_;  // by descriptor
  std::vector<int> starved_;             // whose receive ended because no buffer was free
};

}  // namespace

int main(int argument_count, char** arguments) {
  const int port = argument_count >= 2 ? std::atoi(arguments[1]) : 0;
  const int poll_us = argument_count == 3 ? std::atoi(arguments[2]) : 0;
  if (port < 1 || port > 65535 || poll_us < 0 || argument_count > 3) {
    std::fprintf(stderr, "usage: echo_ceiling PORT [POLL_US] (1 to 65535, on 127.0.0.1)\n");
    return 2;
  }
  server(static_cast<std::uint16_t>(port), std::chrono::microseconds(poll_us)).run();
}
