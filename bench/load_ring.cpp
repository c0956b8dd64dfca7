// SPDX-License-Identifier: MIT
#include "load_ring.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "listening.hpp"

namespace lull::bench {
namespace {

constexpr unsigned buffer_count = 32;
constexpr auto patience = std::chrono::seconds(5);
constexpr std::uint64_t send_bit = std::uint64_t{1} << 32;

std::runtime_error system_failure(const std::string& what, int error) {
  return std::runtime_error(what + ": " + std::strerror(error));
}

// Whether the server is there tools/bench_common.py has seen.
int datagrams_to(std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) throw system_failure("no socket for the load client", errno);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw system_failure("a socket for datagrams cannot be connected", errno);
  }
  return descriptor;
}

int connect_to(const std::string& name, std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) throw system_failure("no socket for the load client", errno);
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      const int on = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return descriptor;
    }
    const int error = errno;
    close(descriptor);
    if (error != ECONNREFUSED || std::chrono::steady_clock::now() > until) {
      throw system_failure("cannot connect to " + name + " on 127.0.0.1:" + std::to_string(port),
                           error);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// One exchange with plain blocking calls: for the preparation, which is not timed.
void converse(int descriptor, const std::string& name, const exchange& words) {
  if (send(descriptor, words.request.data(), words.request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(words.request.size())) {
    throw system_failure(name + " does not take the preparing requests", errno);
  }
  std::string reply(words.reply.size(), '\0');
  const ssize_t count = recv(descriptor, reply.data(), reply.size(), MSG_WAITALL);
  if (count < 0) throw system_failure(name + " does not answer the preparing requests", errno);
  reply.resize(static_cast<std::size_t>(count));
  if (reply != words.reply) {
    throw std::runtime_error(name + " answered a preparing request with '" + reply +
                             "' instead of '" + words.reply + "'");
  }
}

}  // namespace

load_ring::load_ring(const script& words, load_shape shape)
    : words_(words), shape_(shape), filled_(buffer_count) {
  io_uring_params parameters{};
  parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                     IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE;
  parameters.cq_entries = 16384;
  const int result = io_uring_queue_init_params(4096, &ring_, &parameters);
  if (result < 0) throw system_failure("io_uring refused to the load client", -result);
  io_uring_register_ring_fd(&ring_);
  void* memory = mmap(nullptr, std::size_t{buffer_count} * buffer_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) throw system_failure("no memory for the client's buffers", errno);
  memory_ = static_cast<char*>(memory);
  int error = 0;
  buffers_ = io_uring_setup_buf_ring(&ring_, buffer_count, 0, IOU_PBUF_RING_INC, &error);
  if (buffers_ == nullptr) {
    throw system_failure("the load client needs incremental buffer rings (Linux 6.12)", -error);
  }
  for (unsigned i = 0; i < buffer_count; ++i) give_buffer(i);
}

load_ring::~load_ring() {
  for (const connection& peer : connections_) close(peer.descriptor);
  io_uring_queue_exit(&ring_);
  munmap(memory_, std::size_t{buffer_count} * buffer_bytes);
}

std::size_t load_ring::add_server(const std::string& name, std::uint16_t port,
                                  std::size_t connections) {
  const auto server = static_cast<std::uint32_t>(names_.size());
  names_.push_back(name);
  ports_.push_back(port);
  for (std::size_t i = 0; i < connections; ++i) {
    connection peer;
    peer.descriptor = shape_.datagrams ? datagrams_to(port) : connect_to(name, port);
    peer.server = server;
    peer.place = static_cast<std::uint32_t>(i * words_.exchanges.size() / connections);
    if (i == 0) {
      for (const exchange& one : words_.preparation) converse(peer.descriptor, name, one);
    }
    connections_.push_back(peer);
    arm_receive(static_cast<std::uint32_t>(connections_.size() - 1));
  }
  io_uring_submit(&ring_);
  return server;
}

slot_result load_ring::run_slot(std::size_t server, std::chrono::nanoseconds length, bool verify) {
  slot_result result;
  const auto start = clock::now();
  const auto end = start + length;
  const bool by_chance = shape_.gap > std::chrono::nanoseconds::zero();
  free_.clear();
  next_ = start;
  for (std::uint32_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i].server != server) continue;
    if (by_chance) {
      free_.push_back(i);
    } else {
      ask(i, start);
    }
  }
  auto now = start;
  while (active_ > 0 || now < end) {
    if (by_chance && now < end) ask_by_chance(now);
    if (io_uring_sq_ready(&ring_) > 0 || io_uring_cq_has_overflow(&ring_) ||
        (IO_URING_READ_ONCE(*ring_.sq.kflags) & IORING_SQ_TASKRUN) != 0) {
      const int entered = io_uring_submit_and_get_events(&ring_);
      if (entered < 0 && entered != -EINTR && entered != -EBUSY && entered != -EAGAIN) {
        throw system_failure("the load client's ring failed", -entered);
      }
    }
    now = clock::now();
    collect(now, now < end && !by_chance, verify, result);
    if (now > end + patience) {
      throw std::runtime_error(names_[server] + " leaves " + std::to_string(active_) +
                               " connections without an answer for 5 seconds");
    }
  }
  result.seconds = std::chrono::duration<double>(now - start).count();
  return result;
}

io_uring_sqe* load_ring::submission() {
  io_uring_sqe* entry = io_uring_get_sqe(&ring_);
  while (entry == nullptr) {
    io_uring_submit(&ring_);
    entry = io_uring_get_sqe(&ring_);
  }
  return entry;
}

void load_ring::give_buffer(unsigned index) {
  filled_[index] = 0;
  io_uring_buf_ring_add(buffers_, memory_ + std::size_t{index} * buffer_bytes, buffer_bytes,
                        static_cast<unsigned short>(index), io_uring_buf_ring_mask(buffer_count),
                        0);
  io_uring_buf_ring_advance(buffers_, 1);
}

void load_ring::arm_receive(std::uint32_t index) {
  io_uring_sqe* entry = submission();
  const int descriptor = connections_[index].descriptor;
  if (shape_.reconnects) {  // nothing may hold the connection when it is closed
    const std::size_t left = words_.exchanges[connections_[index].place].reply.size();
    io_uring_prep_recv(entry, descriptor, nullptr, left - connections_[index].received, 0);
  } else {
    io_uring_prep_recv_multishot(entry, descriptor, nullptr, 0, 0);
  }
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = 0;
  io_uring_sqe_set_data64(entry, index);
}

void load_ring::ask(std::uint32_t index, clock::time_point now) {
  connection& peer = connections_[index];
  const std::string& request = words_.exchanges[peer.place].request;
  io_uring_sqe* entry = submission();
  io_uring_prep_send(entry, peer.descriptor, request.data(), request.size(),
                     MSG_WAITALL | MSG_NOSIGNAL);
  io_uring_sqe_set_data64(entry, index | send_bit);
  peer.received = 0;
  peer.asked = now;
  ++active_;
}

void load_ring::ask_by_chance(clock::time_point now) {
  while (next_ <= now && !free_.empty()) {
    ask(free_.back(), next_);  // however late it goes out
    free_.pop_back();
    std::exponential_distribution<double> gap(1.0 / static_cast<double>(shape_.gap.count()));
    next_ += std::chrono::nanoseconds(static_cast<long>(gap(chance_)));
  }
}

void load_ring::reconnect(std::uint32_t index) {
  connection& peer = connections_[index];
  close(peer.descriptor);
  peer.descriptor = connect_to(names_[peer.server], ports_[peer.server]);
  peer.received = 0;
  arm_receive(index);
}

void load_ring::collect(clock::time_point now, bool go_on, bool verify, slot_result& result) {
  unsigned head = 0;
  unsigned seen = 0;
  io_uring_cqe* completion = nullptr;
  io_uring_for_each_cqe(&ring_, head, completion) {
    ++seen;
    if ((completion->user_data & send_bit) == 0) {
      received(*completion, now, go_on, verify, result);
    } else if (completion->res < 0) {
      fail(static_cast<std::uint32_t>(completion->user_data),
           std::string("a send failed: ") + std::strerror(-completion->res));
    }
  }
  io_uring_cq_advance(&ring_, seen);
}

void load_ring::received(const io_uring_cqe& completion, clock::time_point now, bool go_on,
                         bool verify, slot_result& result) {
  const auto index = static_cast<std::uint32_t>(completion.user_data);
  if (completion.res == -ENOBUFS) {
    arm_receive(index);
    return;
  }
  if (completion.res == 0) fail(index, "the server closed a connection");
  if (completion.res < 0) {
    fail(index, std::string("a receive failed: ") + std::strerror(-completion.res));
  }
  const auto count = static_cast<std::size_t>(completion.res);
  const std::uint32_t buffer = completion.flags >> IORING_CQE_BUFFER_SHIFT;
  take_bytes(index, memory_ + std::size_t{buffer} * buffer_bytes + filled_[buffer], count, verify);
  filled_[buffer] += static_cast<std::uint32_t>(count);
  if ((completion.flags & IORING_CQE_F_BUF_MORE) == 0) give_buffer(buffer);

  connection& peer = connections_[index];
  const bool whole = peer.received == words_.exchanges[peer.place].reply.size();
  const bool reconnects = whole && shape_.reconnects;
  if ((completion.flags & IORING_CQE_F_MORE) == 0 && !reconnects) arm_receive(index);
  if (!whole) return;
  result.requests += words_.requests_each;
  result.round_trips.push_back(std::chrono::duration<float, std::micro>(now - peer.asked).count());
  peer.place = static_cast<std::uint32_t>((peer.place + 1) % words_.exchanges.size());
  --active_;
  if (reconnects) reconnect(index);
  if (go_on) {
    ask(index, now);
  } else {
    free_.push_back(index);
  }
}

void load_ring::take_bytes(std::uint32_t index, const char* bytes, std::size_t count, bool verify) {
  connection& peer = connections_[index];
  const std::string& expected = words_.exchanges[peer.place].reply;
  if (count > expected.size() - peer.received) {
    fail(index, "the server answered more than was asked for");
  }
  if (verify && std::memcmp(expected.data() + peer.received, bytes, count) != 0) {
    fail(index, "a wrong answer: '" + std::string(bytes, count) + "' instead of '" +
                    expected.substr(peer.received, count) + "'");
  }
  peer.received += count;
}

void load_ring::fail(std::uint32_t index, const std::string& what) const {
  throw std::runtime_error(names_[connections_[index].server] + ": " + what);
}

}  // namespace lull::bench
