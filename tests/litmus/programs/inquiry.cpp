// SPDX-License-Identifier: MIT

// One asks another again and again: order(inquiry_question), order(inquiry_answer). It gives a
// question up if that takes long; the other answers when it comes by. Must hold: an answer is read
// whole, and none is written while another is read.

#include <lull/base/inquiry.hpp>

#include "../litmus.hpp"

namespace {

struct inquiry : litmus::run {
  lull::detail::inquiry asks;
  litmus::object answer;

  void thread(unsigned index) override {
    for (unsigned times = 0; times < 3; ++times) {
      if (index == 0) {
        ask();
      } else if (const std::uint32_t question = asks.open_question(); question != 0) {
        answer.write();
        asks.answer(question);
      }
    }
  }

  void ask() {
    const std::uint32_t question = asks.ask();
    for (unsigned looks = 0; looks < 3; ++looks) {
      if (!asks.is_answered(question)) continue;
      answer.read();
      return;
    }
  }
};

const litmus::enlisted<inquiry> listed{"inquiry", 2};

}  // namespace
