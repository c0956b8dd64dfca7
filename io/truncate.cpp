// SPDX-License-Identifier: MIT
#include "truncate.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "../ring/ring.hpp"
#include "../sched/offload.hpp"
#include "../sched/shield.hpp"
#include "no_write_signals.hpp"

namespace lull::detail {
namespace {

class truncate_by_ring : public file_action<truncate_by_ring> {
 public:
  static constexpr const char* name = "truncate";

  truncate_by_ring(file_state& file, std::uint64_t bytes) noexcept
      : file_action(file), bytes_(bytes) {}
  void prepare(submission entry) noexcept { entry.truncate(file().descriptor(), bytes_); }

 private:
  std::uint64_t bytes_;
};

// Keeps a file from being closed while a thread uses its descriptor.
class using_file {
 public:
  explicit using_file(file_state& file) noexcept : file_(file) { file_.enter(); }
  ~using_file() { file_.leave(); }
  using_file(const using_file&) = delete;
  using_file& operator=(const using_file&) = delete;

 private:
  file_state& file_;
};

}  // namespace

task<result<void>> truncate_file(file_state& file, std::uint64_t bytes) {
  file.check_core("truncate");
  if (file.home().ring->has().truncate) {
    truncate_by_ring by_ring(file, bytes);
    co_return co_await by_ring;
  }
  ++file.io().statistics.file_operations;
  if (!file.open()) co_return failure(EBADF, "truncate", file.path());
  const using_file in_use(file);
  // Without a stop: a call that is left behind could meet another file under the same descriptor.
  int code = 0;
  try {
    code = co_await shield(offload(
        [](int descriptor, std::uint64_t length) {
          const no_write_signals none;
          return ::ftruncate(descriptor, static_cast<off_t>(length)) == 0 ? 0 : errno;
        },
        file.descriptor(), bytes));
  } catch (const std::system_error& error) {  // no thread to be had
    code = error.code().value();
  }
  if (code != 0) co_return failure(code, "truncate", file.path());
  co_return result<void>();
}

}  // namespace lull::detail
