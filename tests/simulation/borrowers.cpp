// SPDX-License-Identifier: MIT
#include "borrowers.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace simulation {
namespace {

constexpr unsigned most_borrowers = 4;
constexpr unsigned most_questions = 4;
constexpr std::size_t question_bytes = 2;
constexpr std::size_t nobodys_question = 0;

}  // namespace

borrowers::borrowers(schedule& s, simulated_kernel& kernel) : simulated_program(s, kernel) {}

// One that is closed while it is in use is made anew, as by a service that takes new settings.
lull::task<> borrowers::run() {
  const bool meanwhile = by.chance(4);
  auto first = use_a_pool(meanwhile);
  co_await std::move(first);
  if (!meanwhile) co_return;
  auto second = use_a_pool(false);
  co_await std::move(second);
}

lull::task<> borrowers::use_a_pool(bool closes_meanwhile) {
  closing_ = false;
  const lull::nanoseconds idle = by.chance(2) ? std::chrono::hours(1) : 2 * a_while();
  pool shared(lull::address::loopback(1),
              {.connections = 1 + by.random.below(3), .idle = idle + lull::nanoseconds(1)});
  lull::scope all;
  for (unsigned i = 1 + by.random.below(most_borrowers); i > 0; --i) {
    all.spawn([this, &shared] { return borrow(shared); });
  }
  if (closes_meanwhile) {
    co_await lull::sleep(3 * a_while());
  } else {
    co_await all.join();
  }
  closing_ = true;
  auto closing = shared.close();
  co_await std::move(closing);
  if (closes_meanwhile) co_await all.join();
  const lull::pool_statistics seen = shared.statistics();
  if (seen.lent != 0 || seen.idle != 0) by.fail("a closed pool has connections");
  done.reused += seen.reused;
  done.ended += seen.ended;
  done.expired += seen.expired;
  done.discarded += seen.discarded;
}

lull::task<> borrowers::borrow(pool& from) {
  for (unsigned left = 1 + by.random.below(most_questions); left > 0; --left) {
    const bool patient = by.chance(2);
    auto acquiring = from.acquire();
    auto got =
        co_await lull::timeout(patient ? std::chrono::hours(1) : a_while(), std::move(acquiring));
    if (*got) {
      auto asking = ask(std::move(**got));
      co_await std::move(asking);
      if (by.chance(2)) co_await lull::sleep(a_while());
      continue;
    }
    const int code = got->why().code;
    if (code == ECANCELED && closing_) {
      ++done.closed_meanwhile;
      co_return;
    }
    if (code == ECANCELED && !patient) {
      ++done.given_up;
    } else if (code == ECONNREFUSED || code == EINTR) {
      ++done.refused;
    } else {
      by.fail("no connection was lent for no reason: " + got->why().message());
    }
  }
}

lull::task<> borrowers::ask(pool::lease connection) {
  const unsigned number = 1 + questions_++;
  const bool patient = by.chance(2);
  auto asking = is_answered(*connection, number);
  const auto answered =
      co_await lull::timeout(patient ? std::chrono::hours(1) : 2 * a_while(), std::move(asking));
  if (*answered) {
    ++done.answered;
    connection.keep();
    co_return;
  }
  if (!patient) ++done.given_up;
  if (patient && interfered_ == 0) by.fail("a question was not answered for no reason");
}

lull::task<bool> borrowers::is_answered(lull::tcp_stream& stream, unsigned number) {
  const std::array<std::byte, question_bytes> question{static_cast<std::byte>(number)};
  const auto asked = co_await stream.send_all(question);
  if (!asked) co_return false;
  std::array<std::byte, question_bytes> answer{};
  for (std::size_t filled = 0; filled < answer.size();) {
    const auto got = co_await stream.receive(std::span(answer).subspan(filled));
    if (!got && got.why().code == EINTR) continue;
    if (!got || *got == 0) {
      ++done.failed;
      co_return false;
    }
    filled += *got;
  }
  const bool is_mine = answer == question;
  if (!is_mine && std::to_integer<std::size_t>(answer[0]) != nobodys_question) {
    by.fail("somebody got the answer to another's question");
  }
  co_return is_mine;
}

bool borrowers::can_act(const line& one) noexcept {
  if (one.with->lull_closed || one.with->reset) return false;
  return one.with->left.size() >= question_bytes || one.next != whim::none;
}

bool borrowers::can_act() const {
  return !kernel_.sockets.asking().empty() ||
         std::any_of(lines_.begin(), lines_.end(), [](const line& one) { return can_act(one); });
}

void borrowers::act() {
  const std::vector<int> asking = kernel_.sockets.asking();
  std::vector<line*> able;
  for (line& one : lines_) {
    if (can_act(one)) able.push_back(&one);
  }
  const auto which = by.random.below(static_cast<unsigned>(asking.size() + able.size()));
  if (which >= asking.size()) return act(*able[which - asking.size()]);
  const int code = by.chance(6) ? -ECONNREFUSED : 0;
  if (connection* const made = kernel_.sockets.answer(asking[which], code); code == 0) {
    static constexpr whim whims[] = {whim::end, whim::reset, whim::disturb};
    lines_.push_back({made, by.chance(2) ? whim::none : whims[by.random.below(3)]});
  }
}

void borrowers::act(line& one) {
  connection& with = *one.with;
  if (with.left.size() >= question_bytes) {
    kernel_.sockets.deliver(with, kernel_.sockets.take(with, question_bytes));
    return;
  }
  if (!by.chance(4)) return;
  ++interfered_;
  by.note("the peer interferes", static_cast<std::int64_t>(one.next));
  switch (std::exchange(one.next, whim::none)) {
    case whim::end:
      return kernel_.sockets.end(with);
    case whim::reset:
      return kernel_.sockets.reset(with);
    default:
      return kernel_.sockets.deliver(with, std::string(question_bytes, '\0'));
  }
}

}  // namespace simulation
