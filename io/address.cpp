// SPDX-License-Identifier: MIT
#include "address.hpp"

#include <arpa/inet.h>
#include <net/if.h>

#include <charconv>
#include <cstring>
#include <stdexcept>

namespace lull {
namespace {

template <class Number>
std::optional<Number> whole_number(std::string_view text) noexcept {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

// inet_pton and if_nametoindex take strings that end in a zero, and none has one before.
template <std::size_t Size>
bool copy_text(std::string_view text, char (&into)[Size]) noexcept {
  if (text.size() >= Size || text.find('\0') != std::string_view::npos) return false;
  std::memcpy(into, text.data(), text.size());
  into[text.size()] = '\0';
  return true;
}

std::optional<std::uint32_t> scope_number(std::string_view text) noexcept {
  if (const auto number = whole_number<std::uint32_t>(text)) return number;
  char name[IF_NAMESIZE];
  if (!copy_text(text, name)) return std::nullopt;
  const unsigned index = ::if_nametoindex(name);
  if (index == 0) return std::nullopt;
  return index;
}

// Why `text` is no address with a port, and what to write instead.
std::string complaint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return "it has no port; write ADDRESS:PORT";
  const std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find(':') != std::string_view::npos) {
    return "an IPv6 address with a port stands in brackets; write [ADDRESS]:PORT";
  }
  if (!whole_number<std::uint16_t>(port)) {
    return "\"" + std::string(port) + "\" is no port; write a number from 0 to 65535";
  }
  if (const std::size_t percent = host.find('%'); percent != std::string_view::npos) {
    const std::size_t end = host.size() - (bracketed ? 1 : 0);
    return "either \"" + std::string(host.substr(percent + 1, end - percent - 1)) +
           "\" is no network interface of this machine ('ip link' lists them), or what stands "
           "before "
           "it is no IPv6 address; write [ADDRESS%INTERFACE]:PORT";
  }
  return "\"" + std::string(host) +
         "\" is no IP address (a name, perhaps, which is not looked up "
         "here); write one as 127.0.0.1:PORT or [::1]:PORT";
}

}  // namespace

address address::of(std::string_view text) {
  if (const auto parsed = parse(text)) return *parsed;
  throw std::invalid_argument("\"" + std::string(text) + "\" is no address: " + complaint(text));
}

std::optional<address> address::parse(std::string_view text) noexcept {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find(':') != std::string_view::npos) return std::nullopt;  // ambiguous
  const auto port = whole_number<std::uint16_t>(text.substr(colon + 1));
  if (!port) return std::nullopt;
  return parse(host, *port);
}

std::optional<address> address::parse(std::string_view host, std::uint16_t port) noexcept {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  std::uint32_t scope = 0;
  const std::size_t percent = host.find('%');
  const bool scoped = percent != std::string_view::npos;
  if (scoped) {
    const auto number = scope_number(host.substr(percent + 1));
    if (!number) return std::nullopt;
    scope = *number;
    host = host.substr(0, percent);
  }
  char text[INET6_ADDRSTRLEN];
  if (!copy_text(host, text)) return std::nullopt;
  address result;
  if (!bracketed && !scoped && ::inet_pton(AF_INET, text, &result.raw_.v4.sin_addr) == 1) {
    result.raw_.v4.sin_family = AF_INET;
    result.raw_.v4.sin_port = htons(port);
    return result;
  }
  if (::inet_pton(AF_INET6, text, &result.raw_.v6.sin6_addr) == 1) {
    result.raw_.v6.sin6_family = AF_INET6;
    result.raw_.v6.sin6_port = htons(port);
    result.raw_.v6.sin6_scope_id = scope;
    return result;
  }
  return std::nullopt;
}

address address::from(const sockaddr* raw, socklen_t bytes) noexcept {
  address result;
  if (bytes >= sizeof(sockaddr_in) && raw->sa_family == AF_INET) {
    std::memcpy(&result.raw_.v4, raw, sizeof(sockaddr_in));
  } else if (bytes >= sizeof(sockaddr_in6) && raw->sa_family == AF_INET6) {
    std::memcpy(&result.raw_.v6, raw, sizeof(sockaddr_in6));
  }
  return result;
}

address address::any(std::uint16_t port) noexcept {
  address result;
  result.raw_.v4.sin_family = AF_INET;
  result.raw_.v4.sin_port = htons(port);
  return result;
}

address address::loopback(std::uint16_t port) noexcept {
  address result = any(port);
  result.raw_.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return result;
}

address address::any_v6(std::uint16_t port) noexcept {
  address result;
  result.raw_.v6.sin6_family = AF_INET6;
  result.raw_.v6.sin6_port = htons(port);
  return result;
}

address address::loopback_v6(std::uint16_t port) noexcept {
  address result = any_v6(port);
  result.raw_.v6.sin6_addr = in6addr_loopback;
  return result;
}

std::uint16_t address::port() const noexcept {
  if (is_v4()) return ntohs(raw_.v4.sin_port);
  if (is_v6()) return ntohs(raw_.v6.sin6_port);
  return 0;
}

address address::with_port(std::uint16_t port) const noexcept {
  address result = *this;
  if (is_v4()) result.raw_.v4.sin_port = htons(port);
  if (is_v6()) result.raw_.v6.sin6_port = htons(port);
  return result;
}

std::string address::host() const {
  char text[INET6_ADDRSTRLEN] = "-";
  if (*this) ::inet_ntop(family(), host_bytes().data(), text, sizeof(text));
  const std::uint32_t scope = is_v6() ? raw_.v6.sin6_scope_id : 0;
  return scope == 0 ? text : text + ("%" + std::to_string(scope));
}

std::string_view address::host_bytes() const noexcept {
  if (is_v4()) return {reinterpret_cast<const char*>(&raw_.v4.sin_addr), sizeof(in_addr)};
  if (is_v6()) return {reinterpret_cast<const char*>(&raw_.v6.sin6_addr), sizeof(in6_addr)};
  return {};
}

std::string address::to_string() const {
  if (!*this) return "-";
  return (is_v6() ? "[" + host() + "]" : host()) + ":" + std::to_string(port());
}

socklen_t address::size() const noexcept {
  if (is_v4()) return sizeof(sockaddr_in);
  if (is_v6()) return sizeof(sockaddr_in6);
  return 0;
}

bool operator==(const address& a, const address& b) noexcept {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.is_v6() && a.raw_.v6.sin6_scope_id != b.raw_.v6.sin6_scope_id) return false;
  return a.host_bytes() == b.host_bytes();
}

}  // namespace lull
