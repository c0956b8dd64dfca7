// SPDX-License-Identifier: MIT
#pragma once

// co_await select(a, b, c): one value, from whichever of several channels of this core has one
// first. Core-affine; suspends if none has; allocates nothing. Where several have a value, the one
// named first gives it, so the first named can keep the others waiting: name what is rare or urgent
// first. Channels that are closed and have no value left are passed over.
//
// Gives a std::variant that is true where it has a value: index 1 for the first channel named, 2
// for the second. False, with index 0 (std::monostate), if all are closed and have no value left,
// or a stop was asked for before there was one.
//
//   while (auto got = co_await select(commands, lines)) {
//     if (got.index() == 1) obey(std::get<1>(got)); else print(std::get<2>(got));
//   }

#include <tuple>
#include <utility>
#include <variant>

#include "channel.hpp"

namespace lull {

template <class... T>
class selected : public std::variant<std::monostate, T...> {
 public:
  using std::variant<std::monostate, T...>::variant;
  explicit operator bool() const noexcept { return this->index() != 0; }
};

template <class... T>
class [[nodiscard]] select : private detail::receiving {
  static_assert(sizeof...(T) > 0, "select needs a channel to receive from");

  // A place in one of the channels.
  template <class Value>
  struct place : detail::receiver<Value> {
    explicit place(std::pair<receiving*, channel<Value>*> where) noexcept
        : detail::receiver<Value>(*where.first), from(*where.second) {}

    channel<Value>& from;
  };

 public:
  using value_type = selected<T...>;

  explicit select(channel<T>&... from) noexcept
      : receiving(&select::withdraw), places_(std::pair<receiving*, channel<T>*>(this, &from)...) {}

  bool await_ready() noexcept {
    const auto receive = [](auto& one) {
      one.value = one.from.try_receive();
      return one.value.has_value();
    };
    return std::apply(
        [&](auto&... one) { return (receive(one) || ...) || (one.from.closed_ && ...); }, places_);
  }
  bool await_suspend(detail::suspended awaiting) noexcept {
    if (!suspend(awaiting, "select")) return stepped_back();
    const auto wait = [this](auto& one) {
      if (one.from.closed_) return;
      one.from.receivers_.push_back(one);
      ++channels_;
    };
    std::apply([&](auto&... one) { (wait(one), ...); }, places_);
    return true;
  }
  value_type await_resume() noexcept { return take(std::index_sequence_for<T...>()); }

 private:
  template <std::size_t... Index>
  value_type take(std::index_sequence<Index...>) noexcept {
    value_type taken;
    const auto take_from = [&]<std::size_t At>(auto& one) {
      if (one.value.has_value()) taken.template emplace<At + 1>(*std::move(one.value));
    };
    (take_from.template operator()<Index>(std::get<Index>(places_)), ...);
    return taken;
  }

  static void withdraw(receiving& whole) noexcept {
    std::apply([](auto&... one) { (one.unlink(), ...); }, static_cast<select&>(whole).places_);
  }

  std::tuple<place<T>...> places_;
};

template <class... T>
select(channel<T>&...) -> select<T...>;

}  // namespace lull
