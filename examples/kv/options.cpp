// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <chrono>
#include <limits>
#include <string_view>

#include "numbers.hpp"

namespace kv {
namespace {

// A number of the command line with its bounds and where it goes.
struct number_option {
  std::string_view name;
  std::string_view means;
  std::int64_t least;
  std::int64_t most;
  void (*store)(options& to, std::int64_t value);
};

constexpr std::int64_t most_bytes = std::int64_t{1} << 50;
// The longest argument leaves room for the rest of its request.
constexpr std::int64_t most_frame =
    static_cast<std::int64_t>(server_limits{}.query) - (std::int64_t{1} << 20);

constexpr number_option number_options[] = {
    {"--port", "TCP port; 0 lets the kernel choose", 0, 65'535,
     [](options& to, std::int64_t value) { to.port = static_cast<std::uint16_t>(value); }},
    {"--cores", "cores to run on; default: all that this process may use", 1, 1024,
     [](options& to, std::int64_t value) { to.cores = static_cast<unsigned>(value); }},
    {"--max-connections", "clients at a time; default 10000", 1, 10'000'000,
     [](options& to, std::int64_t value) {
       to.limits.connections = static_cast<std::size_t>(value);
     }},
    {"--max-frame",
     "bytes in one argument of a request, which is 1 GiB at most; default 536870912 (512 MiB)",
     1024, most_frame,
     [](options& to, std::int64_t value) {
       to.limits.request.bulk_size = static_cast<std::size_t>(value);
     }},
    {"--max-memory", "bytes of keys and values; 0, the default, is no limit", 0, most_bytes,
     [](options& to, std::int64_t value) { to.limits.memory = static_cast<std::size_t>(value); }},
    {"--shutdown-ms", "milliseconds that connections have to finish at the end; default 5000", 0,
     600'000,
     [](options& to, std::int64_t value) { to.shutdown_ms = static_cast<std::uint32_t>(value); }},
};

bool read_number(const number_option& option, std::string_view text, options& to,
                 std::string& complaint) {
  const auto value = parse_integer(text);
  if (value && *value >= option.least && *value <= option.most) {
    option.store(to, *value);
    return true;
  }
  complaint = std::string{option.name} + " takes a number from " + std::to_string(option.least) +
              " to " + std::to_string(option.most) + ", and got '" + std::string{text} +
              "'; see --help";
  return false;
}

// One processor a core, in turn, when more cores are asked for than there are processors.
std::vector<unsigned> processors(unsigned wanted) {
  const std::vector<unsigned> all = lull::all_cores();
  std::vector<unsigned> chosen;
  const std::size_t count = wanted == 0 ? all.size() : wanted;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(all[i % all.size()]);
  return chosen;
}

}  // namespace

bool parse_options(std::span<const char* const> words, options& to, std::string& complaint) {
  for (std::size_t at = 0; at < words.size(); ++at) {
    std::string_view name = words[at];
    if (name == "--help" || name == "-h") {
      to.help = true;
      return true;
    }
    std::string_view value;
    const auto equals = name.find('=');
    const bool has_value = equals != std::string_view::npos || at + 1 < words.size();
    if (equals != std::string_view::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    } else if (has_value) {
      value = words[at + 1];
    }
    const number_option* number = nullptr;
    for (const number_option& each : number_options) {
      if (each.name == name) number = &each;
    }
    if (number == nullptr && name != "--bind") {
      complaint = std::string{"'"} + words[at] + "' is no option of this server; see --help";
      return false;
    }
    if (!has_value) {
      complaint = std::string{name} + " needs a value behind it; see --help";
      return false;
    }
    if (number != nullptr && !read_number(*number, value, to, complaint)) return false;
    if (number == nullptr) to.bind_address = value;
    if (equals == std::string_view::npos) ++at;
  }
  return true;
}

std::string usage() {
  std::string text =
      "A key-value server that speaks the Redis protocol, one core a processor.\n\n"
      "  --bind ADDRESS  IPv4 or IPv6 address to listen on; default 127.0.0.1, this machine "
      "alone.\n"
      "                  There is no password: on any other address everybody who reaches\n"
      "                  it may read and change everything.\n";
  for (const number_option& each : number_options) {
    text += "  " + std::string{each.name} + " N  " + std::string{each.means} + "\n";
  }
  return text + "  --help  this text\n";
}

lull::run_options runtime_options(const options& from) {
  lull::run_options how;
  how.cores = processors(from.cores);
  // Connections have their time before the runtime gives up on whatever does not end.
  how.shutdown_limit += std::chrono::milliseconds(from.shutdown_ms);
  return how;
}

}  // namespace kv
