// SPDX-License-Identifier: MIT
#include "posted.hpp"

#include <memory>

#include "core.hpp"

namespace lull::detail {

void posted::arrived(message& self) noexcept {
  auto& call = static_cast<posted&>(self);
  try {
    core::current().visitors().start(serve(&call), task_options{.name = "posted"},
                                     {.hidden = true});
  } catch (...) {
    call.fail(std::current_exception());
    delete &call;
  }
}

task<> posted::serve(posted* call) {
  const std::unique_ptr<posted> mine(call);
  try {
    auto work = mine->run();
    co_await std::move(work);
  } catch (...) {
    mine->fail(std::current_exception());
  }
}

void report(std::exception_ptr why) noexcept {
  core::current().visitors().note_error(std::move(why));
}

}  // namespace lull::detail
