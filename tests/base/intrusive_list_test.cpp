// SPDX-License-Identifier: MIT
#include <lull/base/intrusive_list.hpp>

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <vector>

namespace {

struct numbered : lull::detail::list_node {
  explicit numbered(int n) noexcept : number(n) {}
  int number;
};

using numbered_list = lull::detail::intrusive_list<numbered>;

std::vector<int> numbers_in(numbered_list& list) {
  std::vector<int> all;
  list.for_each([&](numbered& one) { all.push_back(one.number); });
  return all;
}

using order = std::vector<int>;

}  // namespace

TEST_CASE("a new list is empty") {
  numbered_list list;
  CHECK(list.empty());
  CHECK(numbers_in(list).empty());
}

TEST_CASE("nodes come out of a list in the order in which they went in") {
  numbered first(1);
  numbered second(2);
  numbered third(3);
  numbered_list list;
  for (numbered* one : {&first, &second, &third}) {
    CHECK_FALSE(one->is_linked());
    list.push_back(*one);
    CHECK(one->is_linked());
  }
  CHECK(numbers_in(list) == order{1, 2, 3});
  CHECK(&list.front() == &first);
  CHECK(&list.pop_front() == &first);
  CHECK_FALSE(first.is_linked());
  CHECK(&list.pop_front() == &second);
  list.push_back(first);  // again
  CHECK(numbers_in(list) == order{3, 1});
  CHECK(&list.pop_front() == &third);
  CHECK(&list.pop_front() == &first);
  CHECK(list.empty());
}

TEST_CASE("what another list has goes to the end, or to the front, in its order") {
  numbered nodes[] = {numbered(0), numbered(1), numbered(2), numbered(3)};
  numbered_list list;
  numbered_list other;
  list.take_all_first(other);
  list.take_all(other);
  CHECK(list.empty());
  other.push_back(nodes[1]);
  other.push_back(nodes[2]);
  list.take_all_first(other);
  CHECK(other.empty());
  CHECK(numbers_in(list) == order{1, 2});
  other.push_back(nodes[0]);
  list.take_all_first(other);
  other.push_back(nodes[3]);
  list.take_all(other);
  CHECK(numbers_in(list) == order{0, 1, 2, 3});
  for (numbered& one : nodes) CHECK(&list.pop_front() == &one);
  CHECK(list.empty());
}

TEST_CASE("what is in two lists leaves one and stays in the other") {
  struct other_list;
  struct in_two : lull::detail::list_node, lull::detail::list_place<other_list> {};
  using other_place = lull::detail::list_place<other_list>;
  lull::detail::intrusive_list<in_two> list;
  lull::detail::intrusive_list<in_two, other_list> other;
  in_two one;
  in_two two;
  for (in_two* each : {&one, &two}) {
    list.push_back(*each);
    other.push_back(*each);
  }
  static_cast<lull::detail::list_node&>(one).unlink();
  CHECK(&list.front() == &two);
  CHECK(&other.front() == &one);
  static_cast<other_place&>(two).unlink();
  CHECK(&list.pop_front() == &two);
  CHECK(&other.pop_front() == &one);
  CHECK(list.empty());
  CHECK(other.empty());
}

TEST_CASE("a node leaves from any place, and leaving twice does nothing") {
  for (int leaver = 0; leaver < 3; ++leaver) {
    CAPTURE(leaver);
    numbered nodes[] = {numbered(0), numbered(1), numbered(2)};
    numbered_list list;
    for (numbered& one : nodes) list.push_back(one);
    nodes[leaver].unlink();
    nodes[leaver].unlink();
    CHECK_FALSE(nodes[leaver].is_linked());
    order left{0, 1, 2};
    left.erase(left.begin() + leaver);
    CHECK(numbers_in(list) == left);
    while (!list.empty()) list.pop_front();
  }
}

TEST_CASE("a node that is destroyed leaves its list") {
  numbered_list list;
  numbered first(1);
  std::optional<numbered> second(2);
  numbered third(3);
  for (numbered* one : {&first, &*second, &third}) list.push_back(*one);
  second.reset();
  CHECK(numbers_in(list) == order{1, 3});
  first.unlink();
  third.unlink();
  CHECK(list.empty());
}

TEST_CASE("a node takes the place of another in its list") {
  numbered_list list;
  numbered first(1);
  numbered second(2);
  numbered third(3);
  numbered other(20);
  for (numbered* one : {&first, &second, &third}) list.push_back(*one);
  other.replace(second);
  CHECK(numbers_in(list) == order{1, 20, 3});
  CHECK_FALSE(second.is_linked());
  second.replace(third);  // the last
  CHECK(numbers_in(list) == order{1, 20, 2});
  third.replace(first);  // the first
  CHECK(numbers_in(list) == order{3, 20, 2});
  while (!list.empty()) list.pop_front();
}

TEST_CASE("taking the place of a node that is in no list does nothing") {
  numbered first(1);
  numbered second(2);
  first.replace(second);
  CHECK_FALSE(first.is_linked());
  CHECK_FALSE(second.is_linked());
}

TEST_CASE("a list appends what another has, which is empty then and good for more") {
  numbered_list list;
  numbered_list other;
  numbered nodes[] = {numbered(0), numbered(1), numbered(2), numbered(3)};
  list.take_all(other);
  CHECK(list.empty());
  other.push_back(nodes[0]);
  list.take_all(other);
  CHECK(numbers_in(list) == order{0});
  other.push_back(nodes[1]);
  other.push_back(nodes[2]);
  list.take_all(other);
  CHECK(numbers_in(list) == order{0, 1, 2});
  CHECK(other.empty());
  other.push_back(nodes[3]);
  nodes[2].unlink();
  nodes[0].unlink();
  CHECK(numbers_in(list) == order{1});
  CHECK(numbers_in(other) == order{3});
}

TEST_CASE("a node may leave while it is visited, and be linked again") {
  numbered_list list;
  numbered nodes[] = {numbered(0), numbered(1), numbered(2), numbered(3)};
  for (numbered& one : nodes) list.push_back(one);
  order seen;
  list.for_each([&](numbered& one) {
    seen.push_back(one.number);
    if (one.number % 2 == 0) one.unlink();
  });
  CHECK(seen == order{0, 1, 2, 3});
  CHECK(numbers_in(list) == order{1, 3});
  numbered_list other;
  list.for_each([&](numbered& one) {
    one.unlink();
    other.push_back(one);
  });
  CHECK(list.empty());
  CHECK(numbers_in(other) == order{1, 3});
  while (!other.empty()) other.pop_front();
}
