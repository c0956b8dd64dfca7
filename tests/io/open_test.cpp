// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/io_core.hpp>
#include <lull/io/open.hpp>
#include <lull/io/pipe.hpp>
#include <lull/io/temporary_file.hpp>

#include "../ring/watching_kernel.hpp"
#include "on_core.hpp"
#include "temporary_folder.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;
namespace fs = lull::fs;

namespace {

// Counts what is closed by a thread of the kernel, and what by the core.
class counting_closes : public test::watching_kernel {
 public:
  int elsewhere = 0;
  int here = 0;

 private:
  void handed_over(io_uring_sqe& entry) noexcept override {
    if (entry.opcode != IORING_OP_CLOSE) return;
    ++((entry.flags & IOSQE_ASYNC) != 0 ? elsewhere : here);
  }
};

}  // namespace

TEST_CASE("a new file has the rights that were asked for, and is closed on exec") {
  const temporary_folder folder;
  on_core([&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_WRONLY | O_CREAT, 0600);
    REQUIRE(file);
    struct stat raw{};
    REQUIRE(::fstat(file->descriptor(), &raw) == 0);
    CHECK((raw.st_mode & 07777) == 0600);
    CHECK((::fcntl(file->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
  });
}

TEST_CASE("opening says which file it could not open, and why") {
  const temporary_folder folder;
  folder.put("file", "");
  on_core([&]() -> lull::task<> {
    struct {
      std::string path;
      int flags;
      int error;
    } const cases[] = {
        {folder.path("none"), O_RDONLY, ENOENT},
        {folder.path("file"), O_WRONLY | O_CREAT | O_EXCL, EEXIST},
        {folder.name(), O_WRONLY, EISDIR},
        {folder.path("file/below"), O_RDONLY, ENOTDIR},
        {folder.path("file"), O_RDONLY | O_DIRECTORY, ENOTDIR},
        {folder.path(std::string(300, 'n')), O_RDONLY, ENAMETOOLONG},
        {folder.path("file") + std::string("\0.txt", 5), O_RDONLY, EINVAL},
        {"", O_RDONLY, ENOENT},
    };
    for (const auto& one : cases) {
      INFO(one.path);
      const auto file = co_await fs::open(one.path, one.flags);
      REQUIRE(!file);
      CHECK(file.error().value() == one.error);
      CHECK_THAT(file.message(), ContainsSubstring("open " + one.path + ": "));
    }
    CHECK(lull::io_here().files == 0);
    CHECK(lull::io_here().opened == 0);
  });
}

TEST_CASE("opening what this user may not is refused") {
  if (::geteuid() != 0) SKIP("needs root, to become somebody else");
  const temporary_folder folder;
  folder.put("a", "text");
  on_core([&]() -> lull::task<> {
    ::chmod(folder.path("a").c_str(), 0600);
    ::chmod(folder.name().c_str(), 0755);
    REQUIRE(::seteuid(65534) == 0);
    const auto read = co_await fs::open(folder.path("a"));
    const auto made = co_await fs::open(folder.path("b"), O_WRONLY | O_CREAT);
    REQUIRE(::seteuid(0) == 0);
    CHECK(read.error() == std::errc::permission_denied);
    CHECK_THAT(read.message(), ContainsSubstring("namei -l"));
    CHECK(made.error() == std::errc::permission_denied);
  });
}

TEST_CASE("a path is made of whatever holds text") {
  const temporary_folder folder;
  folder.put("a", "");
  on_core([&]() -> lull::task<> {
    const std::string text = folder.path("a");
    const auto by_string = co_await fs::open(text);
    CHECK(by_string);
    const auto by_view = co_await fs::open(std::string_view(text));
    CHECK(by_view);
    const auto by_pointer = co_await fs::open(text.c_str());
    CHECK(by_pointer);
    const auto by_path = co_await fs::open(std::filesystem::path(text));
    CHECK(by_path);
  });
}

TEST_CASE("files can be opened on a restricted ring") {
  const temporary_folder folder;
  lull::core_options options;
  options.ring.restricted = true;
  on_core(options, [&]() -> lull::task<> {
    auto file = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
    REQUIRE(file);
    const auto written = co_await file->write_all("text", 0);
    CHECK(written);
  });
  CHECK(folder.get("a") == "text");
}

TEST_CASE("a core stood still while it closed a large file that had no name left") {
  const temporary_folder folder;
  counting_closes kernel;
  on_core(
      {},
      [&]() -> lull::task<> {
        auto dropped = co_await fs::open(folder.path("a"), O_RDWR | O_CREAT);
        auto closed = co_await fs::open(folder.path("b"), O_WRONLY | O_CREAT);
        auto read = co_await fs::open(folder.path("b"));
        auto unnamed = co_await fs::temporary_file(folder.path(""));
        const auto done = co_await closed->close();
        CHECK(done);
        auto ends = lull::pipe().value();  // which is closed at once
      },
      kernel);
  CHECK(kernel.elsewhere == 3);
  CHECK(kernel.here == 3);
}
