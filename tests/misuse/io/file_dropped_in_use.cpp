// SPDX-License-Identifier: MIT
// expect: a file was dropped while an operation on it had not ended; await the operation, or
// close()
#include <lull/lull.hpp>
#include <string>

namespace {

lull::task<> write(lull::file& to, const std::string& text) {
  auto written = co_await to.write_all(text, 0);
  written.value();
}

}  // namespace

void program() {
  lull::run({.cores = {0}}, []() -> lull::task<> {
    auto file = co_await lull::fs::open("/dev/null", O_WRONLY);
    const std::string text(1000, 'x');
    lull::scope scope;
    scope.spawn(write, std::ref(*file), std::cref(text));
    co_await lull::yield();
    *file = lull::file();
    co_await scope.join();
  });
}
