// SPDX-License-Identifier: MIT
#include "tls_transport.hpp"

#include <openssl/bio.h>
#include <openssl/ssl3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "../sched/sleep.hpp"
#include "limits.hpp"

namespace lull::detail {
namespace {

tls_transport& transport_of(BIO* bio) noexcept {
  return *static_cast<tls_transport*>(BIO_get_data(bio));
}

int bio_read(BIO* bio, char* into, std::size_t bytes, std::size_t* taken) {
  BIO_clear_retry_flags(bio);
  *taken = transport_of(bio).take(std::as_writable_bytes(std::span(into, bytes)));
  if (*taken != 0) return 1;
  BIO_set_retry_read(bio);
  return -1;
}

int bio_write(BIO* bio, const char* from, std::size_t bytes, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  if (!transport_of(bio).append(std::as_bytes(std::span(from, bytes)))) return -1;
  *written = bytes;
  return 1;
}

// What OpenSSL asks of a BIO over a socket where the kernel may encrypt (SSL_OP_ENABLE_KTLS). Its
// headers give three of these numbers in a comment only.
constexpr int set_kernel_keys = 72;
constexpr int set_record_type = 74;
constexpr int clear_record_type = 75;

long bio_control(BIO* bio, int what, long number, void* keys) {
  tls_transport& transport = transport_of(bio);
  switch (what) {
    case BIO_CTRL_FLUSH:
      return 1;
    case set_kernel_keys:  // `number`: for sending; not for receiving
      return number != 0 && transport.hand_over(keys) ? 1 : 0;
    case BIO_CTRL_GET_KTLS_SEND:
      return transport.kernel_sends() ? 1 : 0;
    case set_record_type:
      transport.next_is_record(static_cast<unsigned char>(number));
      return 0;
    case clear_record_type:
      transport.next_is_record(0);
      return 0;
    default:
      return 0;
  }
}

BIO_METHOD* bio_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lull");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read_ex(made, &bio_read);
    BIO_meth_set_write_ex(made, &bio_write);
    BIO_meth_set_ctrl(made, &bio_control);
    return made;
  }();
  return method;
}

}  // namespace

openssl_owner<bio_st> tls_transport::new_bio() {
  openssl_owner<bio_st> bio(BIO_new(bio_method()));
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio.get(), this);
  BIO_set_init(bio.get(), 1);
  return bio;
}

std::size_t tls_transport::take(std::span<std::byte> into) noexcept {
  const std::size_t now = std::min(into.size(), incoming_.size() - taken_);
  if (now != 0) std::memcpy(into.data(), incoming_.data() + taken_, now);
  taken_ += now;
  if (taken_ == incoming_.size()) {
    incoming_.reset();
    taken_ = 0;
  }
  return now;
}

bool tls_transport::append(std::span<const std::byte> bytes) noexcept {
  try {
    if (next_type_ != 0) {
      records_.push_back({next_type_, {bytes.begin(), bytes.end()}});
      promised_keys_ |=
          next_type_ == SSL3_RT_HANDSHAKE && bytes.front() == std::byte{SSL3_MT_KEY_UPDATE};
      next_type_ = 0;
    } else if (!kernel_sends_) {  // else with keys that the kernel does not have
      queue_.insert(queue_.end(), bytes.begin(), bytes.end());
    }
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

bool tls_transport::hand_over(const void* keys) noexcept {
  if (kernel_sends_ || flushes_ || sent_ != in_flight_.size() || !stream_.is_open()) return false;
  const int socket = stream_.descriptor();
  std::size_t gone = 0;
  while (gone != queue_.size()) {
    const ssize_t sent =
        ::send(socket, queue_.data() + gone, queue_.size() - gone, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent <= 0) break;
    gone += static_cast<std::size_t>(sent);
  }
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(gone));
  kernel_sends_ = queue_.empty() && let_kernel_encrypt(socket, keys);
  return kernel_sends_;
}

std::size_t tls_transport::queued() const noexcept {
  std::size_t all = queue_.size();
  for (const tls_record& one : records_) all += sizeof(one) + one.bytes.size();
  return all;
}

task<result<bool>> tls_transport::receive() {
  if (!stream_.is_open()) co_return failure(EBADF, "receive", peer_);
  if (taken_ != incoming_.size()) co_return true;  // it came as a receive was stopped
  auto got = co_await stream_.receive();
  if (!got) co_return got.why();
  incoming_ = std::move(*got);
  taken_ = 0;
  co_return !incoming_.empty();
}

task<result<void>> tls_transport::flush() {
  const auto turn = co_await one_at_a_time_.lock();
  if (!turn) co_return failure(ECANCELED, "send_all", peer_);
  for (;;) {
    if (sent_ == in_flight_.size()) {
      in_flight_.clear();
      sent_ = 0;
      if (queue_.empty()) break;
      in_flight_.swap(queue_);
    }
    if (!stream_.is_open()) co_return failure(EBADF, "send_all", peer_);
    flushes_ = true;
    auto sent = co_await stream_.send(std::span(in_flight_).subspan(sent_));
    flushes_ = false;
    if (!sent) co_return sent.why();
    sent_ += *sent;
  }
  for (auto* const bytes : {&in_flight_, &queue_}) {
    if (bytes->capacity() > limits::tls_kept) std::vector<std::byte>().swap(*bytes);
  }
  if (records_.empty()) co_return result<void>();
  auto sending = send_records();
  co_return co_await std::move(sending);
}

// By who has the turn.
task<result<void>> tls_transport::send_records() {
  while (!records_.empty()) {
    if (records_.front().type == SSL3_RT_ALERT) {  // the end of sending, perhaps of the connection
      auto leaving = all_has_left();
      const auto left = co_await std::move(leaving);
      if (!left) co_return left.why();
    }
    if (!stream_.is_open()) co_return failure(EBADF, "send_all", peer_);
    flushes_ = true;
    const auto sent = co_await send_record(state_of(stream_), records_.front());
    flushes_ = false;
    if (!sent) co_return sent.why();
    std::vector<std::byte>& left = records_.front().bytes;
    left.erase(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(*sent));
    if (left.empty()) records_.pop_front();
  }
  co_return result<void>();
}

// The kernel takes a record as a whole, and keeps the end of it where TCP has no room. It says so
// to nobody, and ends the connection without it. The record that is sent when TCP has nothing more
// pushes it out.
task<result<void>> tls_transport::all_has_left() {
  for (nanoseconds pause = limits::tls_first_look;; pause = std::min(2 * pause, limits::tls_look)) {
    if (!stream_.is_open()) co_return failure(EBADF, "send_all", peer_);
    if (has_left(stream_.descriptor())) co_return result<void>();
    flushes_ = true;
    const bool slept = co_await sleep(pause);
    flushes_ = false;
    if (!slept) co_return failure(ECANCELED, "send_all", peer_);
  }
}

task<result<mutex_lock>> tls_transport::turn() {
  auto turn = co_await one_at_a_time_.lock();
  if (!turn) co_return failure(ECANCELED, "send_all", peer_);
  if (!records_.empty()) {
    auto sending = send_records();
    const auto sent = co_await std::move(sending);
    if (!sent) co_return sent.why();
  }
  co_return std::move(turn);
}

task<result<std::size_t>> tls_transport::send(std::span<const std::byte> bytes) {
  if (!stream_.is_open()) co_return failure(EBADF, "send_all", peer_);
  const std::size_t most = most_to_send(stream_.descriptor());
  flushes_ = true;
  // send_all would ask for what the kernel's TLS refuses (MSG_WAITALL).
  auto sent = co_await stream_.send(bytes.first(std::min(bytes.size(), most)));
  flushes_ = false;
  co_return std::move(sent);
}

}  // namespace lull::detail
