// SPDX-License-Identifier: MIT
#pragma once

// One thread asks another and reads what that wrote down: an answer that is plain memory and is
// written anew for each question. One asks at a time, and not again while it reads. An answer that
// comes late, to a question that was given up, is finished before the next one is written.
//
// | variable  | written by  | read by     | pairings         |
// |-----------|-------------|-------------|------------------|
// | asked_    | who asks    | who answers | inquiry_question |
// | answered_ | who answers | both        | inquiry_answer   |

#include <cstdint>

#include "atomics.hpp"

namespace lull::detail {

class inquiry {
 public:
  // Who asks. Returns the number of the question.
  std::uint32_t ask() noexcept {
    const std::uint32_t question = asked_.load(relaxed) + 1;
    // order(inquiry_question): release, pairs with the acquire in open_question: what the one
    // before read of the answer, it read before that is written again.
    asked_.store(question, release);
    return question;
  }

  // Who asked. Once true, the answer may be read, until the next question.
  bool is_answered(std::uint32_t question) const noexcept {
    // order(inquiry_answer): acquire, pairs with the release in answer: the answer is there.
    return answered_.load(acquire) == question;
  }

  // Who answers: the number of a question that has no answer, or 0. Then it writes the answer.
  std::uint32_t open_question() const noexcept {
    // order(inquiry_question): acquire, pairs with the release in ask.
    const std::uint32_t question = asked_.load(acquire);
    return question == answered_.load(relaxed) ? 0 : question;
  }

  // Who answers, with that number.
  void answer(std::uint32_t question) noexcept {
    // order(inquiry_answer): release, pairs with the acquire in is_answered.
    answered_.store(question, release);
  }

 private:
  atomic<std::uint32_t> asked_{0};
  atomic<std::uint32_t> answered_{0};
};

}  // namespace lull::detail
