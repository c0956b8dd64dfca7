// SPDX-License-Identifier: MIT
#pragma once

// Names that a test makes up in place of the system's, looked up on the threads for what blocks,
// and a gate there that holds questions up.

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>

#include <lull/io/system_resolver.hpp>
#include <lull/sched/runtime.hpp>

namespace io_test {

class fake_names {
 public:
  std::map<std::string, lull::name_answer> known;

  // To be given to a resolver, which must not outlive this.
  lull::resolver_options options() {
    lull::resolver_options all;
    all.look_up = [this](const std::string& name) { return look_up(name); };
    return all;
  }
  int questions() {
    const std::lock_guard lock(mutex_);
    return questions_;
  }
  void close_gate() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  void open_gate() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }

 private:
  lull::name_answer look_up(const std::string& name) {
    std::unique_lock lock(mutex_);
    ++questions_;
    opened_.wait(lock, [this] { return open_; });
    if (name == "throws") throw 1;
    const auto found = known.find(name);
    if (found == known.end()) return {{}, ENXIO, "nobody knows the name; it is made up"};
    return found->second;
  }

  std::mutex mutex_;
  std::condition_variable opened_;
  int questions_ = 0;
  bool open_ = true;
};

// Runs `main` on a core with threads for what blocks.
template <class Main>
void with_threads(Main main) {
  lull::runtime cores(lull::run_options{.cores = {0}, .handle_signals = false});
  cores.run(std::move(main));
}

}  // namespace io_test
