// SPDX-License-Identifier: MIT
#include "registered_buffers.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

#include "../base/assert.hpp"
#include "../ring/ring.hpp"
#include "io_core.hpp"
#include "limits.hpp"

namespace lull {
namespace {

const char* cause_and_remedy(int code) noexcept {
  switch (code) {
    case ENOMEM:
      return "this user may not lock so much memory, or there is none; raise the limit with "
             "'ulimit -l' (or LimitMEMLOCK= in a systemd unit); until then the buffers are used "
             "unregistered";
    case ENOSPC:
      return "the ring of a core knows only so many of them; make fewer and larger ones";
    default:
      return "the kernel has no such buffers; they are used unregistered, which costs more for a "
             "file that bypasses the page cache";
  }
}

// Of one buffer.
std::size_t whole_pages(unsigned count, std::size_t bytes) {
  constexpr std::size_t unit = limits::direct_alignment;
  const std::size_t most = count == 0 ? 0 : limits::registered_bytes / count / unit * unit;
  LULL_ASSERT(bytes != 0 && bytes <= most,
              "%u registered buffers of %zu bytes were asked for; there is one at least, each has "
              "whole pages, and all together 1 GiB at most: make several registered_buffers",
              count, bytes);
  return (bytes + unit - 1) / unit * unit;
}

std::byte* map(std::size_t bytes) {
  void* const memory =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(memory);
}

}  // namespace

void registered_buffers::unmap::operator()(std::byte* memory) const noexcept {
  ::munmap(memory, bytes);
}

registered_buffers::registered_buffers(unsigned count, std::size_t bytes)
    : io_(detail::io_core::of(detail::this_context("registered_buffers"))),
      buffer_bytes_(whole_pages(count, bytes)),
      memory_(map(count * buffer_bytes_), unmap{count * buffer_bytes_}),
      uses_(count) {
  free_.reserve(count);
  for (unsigned i = count; i != 0; --i) free_.push_back(i - 1);
  register_memory();
  ++io_.statistics.registered_buffers;
}

registered_buffers::~registered_buffers() {
  check_core("dropping it");
  LULL_ASSERT(free_.size() == uses_.size(),
              "registered_buffers were destroyed with %zu of them lent; let them go before",
              uses_.size() - free_.size());
  LULL_ASSERT(std::ranges::all_of(uses_, [](std::uint32_t in_flight) { return in_flight == 0; }),
              "registered_buffers were destroyed while an operation uses one that had been given "
              "back; keep the lease until it ends");
  if (place_) io_.table().remove(*place_);
  --io_.statistics.registered_buffers;
}

void registered_buffers::register_memory() {
  int result = -EOPNOTSUPP;
  if (io_.home.ring->has().registered_buffers) {
    try {
      result = io_.table().add(memory_.get(), memory_.get_deleter().bytes);
    } catch (const std::system_error& refused) {
      result = -refused.code().value();
    }
  }
  if (result >= 0) {
    place_ = static_cast<unsigned>(result);
    return;
  }
  ++io_.statistics.registration_refusals;
  registration_ = failure(-result, "registered_buffers", peer_name(), cause_and_remedy(-result));
}

void registered_buffers::check_core(const char* what) const noexcept {
  LULL_ASSERT(io_.home.is_current(),
              "%s was called on registered_buffers of core %u from elsewhere; they are lent, used "
              "and dropped on the core that made them",
              what, io_.home.index);
}

std::optional<std::uint32_t> registered_buffers::take() noexcept {
  check_core("acquire");
  if (free_.empty()) return std::nullopt;
  const std::uint32_t number = free_.back();
  free_.pop_back();
  return number;
}

void registered_buffers::give_back(std::uint32_t number) noexcept {
  check_core("giving a buffer back");
  LULL_ASSERT(uses_[number] == 0,
              "a registered buffer was given back while an operation on a file uses it; await the "
              "operation first");
  if (waiting_.empty()) {
    free_.push_back(number);
    return;
  }
  acquire_awaiter& next = waiting_.pop_front();
  next.number_ = number;
  next.grant();
}

void registered_bytes::begin_use(const char* name) const noexcept {
  of_->check_core(name);
  LULL_DEBUG_ASSERT(
      std::ranges::find(of_->free_, number_) == of_->free_.end(),
      "%s was begun on a registered buffer that had been given back; keep the lease until it ends",
      name);
  ++of_->uses_[number_];
}

void registered_bytes::end_use() const noexcept { --of_->uses_[number_]; }

void registered_bytes::read(submission entry, int file, std::uint64_t offset) const noexcept {
  if (!of_->place_) return entry.read(file, data(), size(), offset);
  ++of_->io_.statistics.registered_transfers;
  entry.read_registered(file, data(), size(), offset, *of_->place_);
}

void registered_bytes::write(submission entry, int file, std::uint64_t offset,
                             int flags) const noexcept {
  if (!of_->place_) return entry.write(file, data(), size(), offset, flags);
  ++of_->io_.statistics.registered_transfers;
  entry.write_registered(file, data(), size(), offset, flags, *of_->place_);
}

}  // namespace lull
