// SPDX-License-Identifier: MIT
#include "processors.hpp"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>
#include <string>
#include <system_error>

namespace lull {
namespace {

// More than a kernel has; a number beyond it is in no set.
constexpr std::size_t most_processors = 64 * CPU_SETSIZE;

// For processors up to a number: CPU_SETSIZE of them are in one cpu_set_t.
class processor_set {
 public:
  explicit processor_set(std::size_t last)
      : sets_(std::min(last, most_processors - 1) / CPU_SETSIZE + 1) {}

  void add(std::size_t one) noexcept { CPU_SET_S(one, bytes(), sets_.data()); }
  bool has(std::size_t one) const noexcept { return CPU_ISSET_S(one, bytes(), sets_.data()); }

  std::size_t bytes() const noexcept { return sets_.size() * sizeof(cpu_set_t); }
  cpu_set_t* data() noexcept { return sets_.data(); }

 private:
  std::vector<cpu_set_t> sets_;
};

}  // namespace

std::vector<unsigned> all_cores() {
  std::vector<unsigned> found;
  // The kernel refuses a set that is smaller than its own.
  for (std::size_t most = CPU_SETSIZE; most <= most_processors; most *= 2) {
    processor_set allowed(most - 1);
    if (::sched_getaffinity(0, allowed.bytes(), allowed.data()) == 0) {
      for (unsigned i = 0; i < most; ++i) {
        if (allowed.has(i)) found.push_back(i);
      }
      break;
    }
    if (errno != EINVAL) break;
  }
  if (found.empty()) found.push_back(0);
  return found;
}

void detail::run_on_processor(unsigned processor, unsigned core_index) {
  processor_set only(processor);
  only.add(processor);
  const int error = ::pthread_setaffinity_np(::pthread_self(), only.bytes(), only.data());
  if (error != 0) {
    throw std::system_error(error, std::generic_category(),
                            "core " + std::to_string(core_index) + " cannot run on processor " +
                                std::to_string(processor) +
                                ": this process may not use it, or it does not exist; see "
                                "lull::all_cores() and taskset");
  }
  ::pthread_setname_np(::pthread_self(), ("lull-" + std::to_string(core_index)).c_str());
}

void detail::run_on_processors(const std::vector<unsigned>& processors, const char* name) noexcept {
  try {
    processor_set all(*std::max_element(processors.begin(), processors.end()));
    for (const unsigned one : processors) all.add(one);
    ::pthread_setaffinity_np(::pthread_self(), all.bytes(), all.data());
  } catch (const std::bad_alloc&) {}  // it stays where it is
  ::pthread_setname_np(::pthread_self(), name);
}

}  // namespace lull
