// SPDX-License-Identifier: MIT
#include "failure.hpp"

#include <memory>
#include <utility>

#include "../base/assert.hpp"
#include "failure_causes.hpp"

namespace lull {
namespace {

// "connect to 127.0.0.1:80"
std::string subject(const failure& of) {
  std::string text = of.operation;
  if (of.peer) text += " " + of.peer.to_string();
  if (of.path) text += " " + of.path.to_string();
  if (!of.path && of.of > failure::thing::path) text.append(" ").append(detail::noun_of(of.of));
  if (of.number >= 0) text += " " + std::to_string(of.number);
  return text;
}

}  // namespace

const char* detail::noun_of(failure::thing what) noexcept {
  switch (what) {
    case failure::thing::peer:
      return "socket";
    case failure::thing::path:
      return "file";
    case failure::thing::descriptor:
      return "descriptor";
    case failure::thing::pipe:
      return "pipe";
    case failure::thing::event:
      return "event descriptor";
    case failure::thing::signals:
      return "signals";
    case failure::thing::process:
      return "process";
    case failure::thing::futex:
      return "futex";
  }
  return "";
}

std::string failure::message() const {
  std::string text = subject(*this);
  text += ": " + std::generic_category().message(code) + " (errno " + std::to_string(code) + ")";
  if (const char* const more = detail::cause_and_remedy(*this)) text.append(": ").append(more);
  return text;
}

void detail::destroy(failure& one) noexcept { std::destroy_at(&one); }

void detail::move_to(failure& place, failure& from) noexcept {
  std::construct_at(&place, std::move(from));
}

void detail::throw_failure(const failure& why) {
  // system_error appends the text of the error itself, so the sentence comes without it.
  std::string text = subject(why);
  if (const char* const more = detail::cause_and_remedy(why)) {
    text.append(" (").append(more).append(")");
  }
  throw std::system_error(why.error(), text);
}

void detail::stop_for_failure(const failure& why) noexcept {
  const std::string text = why.message();
  detail::stop(__FILE__, __LINE__,
               "the value of a failed operation was used: %s. Test the result before, or call "
               "value(), which throws",
               text.c_str());
}

}  // namespace lull
