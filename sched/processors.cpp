// SPDX-License-Identifier: MIT
#include "processors.hpp"

#include <pthread.h>
#include <sched.h>

#include <string>
#include <system_error>

namespace lull {

std::vector<unsigned> all_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  std::vector<unsigned> found;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    for (unsigned i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(i, &allowed)) found.push_back(i);
    }
  }
  if (found.empty()) found.push_back(0);
  return found;
}

void detail::run_on_processor(unsigned processor, unsigned core_index) {
  cpu_set_t only;
  CPU_ZERO(&only);
  if (processor < CPU_SETSIZE) CPU_SET(processor, &only);
  const int error = ::pthread_setaffinity_np(::pthread_self(), sizeof(only), &only);
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
  cpu_set_t all;
  CPU_ZERO(&all);
  for (const unsigned one : processors) {
    if (one < CPU_SETSIZE) CPU_SET(one, &all);
  }
  ::pthread_setaffinity_np(::pthread_self(), sizeof(all), &all);
  ::pthread_setname_np(::pthread_self(), name);
}

}  // namespace lull
