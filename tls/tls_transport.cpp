// SPDX-License-Identifier: MIT
#include "tls_transport.hpp"

#include <openssl/bio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

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

long bio_control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

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
    queue_.insert(queue_.end(), bytes.begin(), bytes.end());
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
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
  co_return result<void>();
}

}  // namespace lull::detail
