// SPDX-License-Identifier: MIT
// The other side is OpenSSL's own program.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <lull/io/tcp_listener.hpp>
#include <lull/sched/sleep.hpp>

#include "../io/on_core.hpp"
#include "../io/temporary_folder.hpp"
#include "tls_pair.hpp"

using Catch::Matchers::ContainsSubstring;
using io_test::on_core;
using io_test::temporary_folder;

namespace {

bool has_openssl() { return std::system("openssl version >/dev/null 2>&1") == 0; }

// `openssl ARGUMENTS` with what is in the file "in" of the folder, into the file "out".
class openssl_program {
 public:
  openssl_program(const temporary_folder& in, const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {"openssl"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, in.path("in").c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, in.path("out").c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    REQUIRE(::posix_spawnp(&process_, "openssl", &files, nullptr, pointers.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
  }
  ~openssl_program() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  openssl_program(const openssl_program&) = delete;
  openssl_program& operator=(const openssl_program&) = delete;

  bool has_ended() {
    if (process_ > 0 && ::waitpid(process_, &status_, WNOHANG) == process_) process_ = -1;
    return process_ == -1;
  }
  bool was_good() const { return process_ == -1 && status_ == 0; }

 private:
  pid_t process_ = 0;
  int status_ = -1;
};

// Lets the core go on until `done`, for about ten seconds at most.
template <class Done>
lull::task<bool> wait_until(Done done) {
  for (int i = 0; i < 5000; ++i) {
    if (done()) co_return true;
    co_await lull::sleep(std::chrono::milliseconds(2));
  }
  co_return false;
}

}  // namespace

TEST_CASE("openssl s_client meets our server, and checks its certificate") {
  if (!has_openssl()) SKIP("needs the program openssl");
  const temporary_folder folder;
  folder.put("authority.pem", tls_test::common_authority().certificate());
  folder.put("in", "hello\n");
  for (const char* const version : {"-tls1_2", "-tls1_3"}) {
    std::filesystem::remove(folder.path("out"));
    on_core([&]() -> lull::task<> {
      auto listener = lull::tcp_listener::bind(lull::address::loopback(0)).value();
      openssl_program client(
          folder, {"s_client", "-connect", listener.local().to_string(), "-servername", "a.test",
                   "-verify_hostname", "a.test", "-verify_return_error", "-CAfile",
                   folder.path("authority.pem"), version, "-alpn", "h2", "-ign_eof"});
      auto connection = co_await listener.accept();
      REQUIRE(connection);
      lull::tls_server server({.identities = {tls_test::common_identity()}, .protocols = {"h2"}});
      auto accepting = lull::tls_accept(std::move(*connection), server);
      auto stream = co_await std::move(accepting);
      REQUIRE(stream);
      CHECK(stream->protocol() == "h2");
      CHECK(stream->server_name() == "a.test");
      auto hearing = tls_test::hear(*stream, 6);
      const std::string got = co_await std::move(hearing);
      CHECK(got == "hello\n");
      auto answering = stream->send_all("an answer of ours\n");
      const auto answered = co_await std::move(answering);
      CHECK(answered);
      co_await stream->close();
      auto waiting = wait_until([&] { return client.has_ended(); });
      const bool ended = co_await std::move(waiting);
      CHECK(ended);
      CHECK(client.was_good());
    });
    const std::string said = folder.get("out");
    CHECK_THAT(said, ContainsSubstring("an answer of ours"));
    CHECK_THAT(said, ContainsSubstring("Verification: OK"));
    CHECK_THAT(said, ContainsSubstring("ALPN protocol: h2"));
    CHECK(said.find("error") == std::string::npos);
  }
}

TEST_CASE("our client meets openssl s_server") {
  if (!has_openssl()) SKIP("needs the program openssl");
  const temporary_folder folder;
  folder.put("certificate.pem", tls_test::common_identity().certificates);
  folder.put("key.pem", tls_test::common_identity().key);
  folder.put("in", "");
  on_core([&]() -> lull::task<> {
    openssl_program server(folder,
                           {"s_server", "-accept", "127.0.0.1:0", "-naccept", "2", "-rev", "-cert",
                            folder.path("certificate.pem"), "-key", folder.path("key.pem")});
    std::string port;
    auto waiting = wait_until([&] {
      const std::string said = folder.has("out") ? folder.get("out") : std::string();
      const std::size_t at = said.find("ACCEPT 127.0.0.1:");
      const std::size_t end = at == std::string::npos ? at : said.find('\n', at);
      if (end != std::string::npos) port = said.substr(at + 17, end - at - 17);
      return !port.empty();
    });
    const bool listens = co_await std::move(waiting);
    REQUIRE(listens);
    const lull::tls_client client = tls_test::common_client();
    for (const bool again : {false, true}) {
      auto connecting = lull::connect(*lull::address::parse("127.0.0.1:" + port));
      auto connection = co_await connecting;
      REQUIRE(connection);
      auto securing = lull::tls_connect(std::move(*connection), client, "a.test");
      auto stream = co_await std::move(securing);
      REQUIRE(stream);
      CHECK(stream->is_resumed() == again);
      auto sending = stream->send_all("abcdef\n");
      const auto sent = co_await std::move(sending);
      CHECK(sent);
      auto hearing = tls_test::hear(*stream, 7);
      const std::string got = co_await std::move(hearing);
      CHECK(got == "fedcba\n");
      co_await stream->close();
    }
    waiting = wait_until([&] { return server.has_ended(); });
    const bool ended = co_await std::move(waiting);
    CHECK(ended);
  });
}
