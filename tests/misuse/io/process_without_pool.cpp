// SPDX-License-Identifier: MIT
// expect: offload was awaited on core 0, which has no pool of threads; lull::run makes one
#include <lull/lull.hpp>

namespace {

lull::task<> start() {
  auto starting = lull::start_process(lull::process_options{.program = "true"});
  const auto child = co_await std::move(starting);
  child.error();
}

}  // namespace

void program() {
  lull::domain domain;
  lull::core core(0, domain, {});
  core.root().spawn(start);
  core.iterate(lull::when_idle::come_back);
}
