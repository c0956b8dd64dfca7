// SPDX-License-Identifier: MIT
#include "unix_address.hpp"

#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace lull {
namespace {

constexpr std::string_view scheme = "unix:";

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Copies text with \xNN turned into bytes; gives their number, or more than fit.
std::size_t plain(std::string_view text, char (&into)[unix_address::longest]) noexcept {
  std::size_t count = 0;
  while (!text.empty()) {
    if (count == unix_address::longest) return unix_address::longest + 1;
    const bool coded = text.size() >= 4 && text[0] == '\\' && text[1] == 'x' &&
                       digit(text[2]) >= 0 && digit(text[3]) >= 0;
    into[count++] = coded ? static_cast<char>(digit(text[2]) * 16 + digit(text[3])) : text[0];
    text.remove_prefix(coded ? 4 : 1);
  }
  return count;
}

std::string seen(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) > ' ' && c != '\\' && c != '\x7f') {
      text += c;
    } else {
      char coded[5];
      std::snprintf(coded, sizeof(coded), "\\x%02x", static_cast<unsigned char>(c));
      text += coded;
    }
  }
  return text;
}

}  // namespace

unix_address::unix_address() noexcept : raw_{} { raw_.sun_family = AF_UNIX; }

std::optional<unix_address> unix_address::parse(std::string_view text) noexcept {
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  char bytes[longest];
  if (text.starts_with('@')) {
    const std::size_t count = plain(text.substr(1), bytes);
    return count > longest ? std::nullopt : abstract({bytes, count});
  }
  if (!text.starts_with('/') && !text.starts_with("./") && !text.starts_with("../")) {
    return std::nullopt;
  }
  const std::size_t count = plain(text, bytes);
  return count > longest ? std::nullopt : path({bytes, count});
}

unix_address unix_address::of(std::string_view text) {
  if (const auto parsed = parse(text)) return *parsed;
  std::string_view rest = text;
  if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  std::string sentence = "\"" + seen(text) + "\" is no name of a Unix socket: ";
  if (rest.size() > longest) {
    sentence += "it has " + std::to_string(rest.size()) + " bytes, and the kernel takes " +
                std::to_string(longest) +
                "; choose a shorter path, or change into its folder and "
                "write ./NAME";
  } else if (rest.empty() || rest == "@") {
    sentence += "the name is empty; write a path, or @NAME for an abstract one";
  } else {
    sentence +=
        "it begins with neither /, ./ nor @; write ./NAME for a file of the working "
        "directory, or @NAME for an abstract name";
  }
  throw std::invalid_argument(sentence);
}

std::optional<unix_address> unix_address::path(std::string_view bytes) noexcept {
  if (bytes.empty() || bytes.size() > longest || bytes.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  unix_address result;
  std::memcpy(result.raw_.sun_path, bytes.data(), bytes.size());
  result.size_ = static_cast<unsigned char>(offset + bytes.size() + 1);
  return result;
}

std::optional<unix_address> unix_address::abstract(std::string_view bytes) noexcept {
  if (bytes.empty() || bytes.size() > longest) return std::nullopt;
  unix_address result;
  std::memcpy(result.raw_.sun_path + 1, bytes.data(), bytes.size());
  result.size_ = static_cast<unsigned char>(offset + 1 + bytes.size());
  return result;
}

unix_address unix_address::from(const sockaddr* raw, socklen_t bytes) noexcept {
  if (bytes <= offset || bytes > sizeof(sockaddr_un) || raw->sa_family != AF_UNIX) return {};
  const auto* name = reinterpret_cast<const char*>(raw) + offset;
  const std::size_t count = bytes - offset;
  // The kernel counts the zero at the end of a path or does not.
  if (name[0] != '\0') return path({name, ::strnlen(name, count)}).value_or(unix_address());
  return abstract({name + 1, count - 1}).value_or(unix_address());
}

std::string_view unix_address::name() const noexcept {
  if (is_abstract()) return {raw_.sun_path + 1, static_cast<std::size_t>(size_ - offset - 1)};
  return {raw_.sun_path, ::strnlen(raw_.sun_path, longest)};
}

std::string unix_address::to_string() const {
  std::string text(scheme);
  if (is_abstract()) {
    text += '@';
  } else if (is_path() && !name().starts_with('/') && !name().starts_with("./") &&
             !name().starts_with("../")) {
    text += "./";  // parse would take it for something else
  }
  return text + seen(name());
}

}  // namespace lull
