// SPDX-License-Identifier: MIT

// A hold keeps what was retired in any form, and it is released as it would have been without.

#include <lull/reclaim/hold.hpp>
#include <lull/reclaim/retirable.hpp>
#include <lull/reclaim/retire.hpp>

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "holds.hpp"

using lull::participant;

namespace {

// What was released, as text.
std::vector<std::string> told;

struct form {
  form() { told.clear(); }

  // Retires by `retire(keeper)` what a hold of `object` keeps, beside something that is not held.
  template <class T, class Retire>
  void keeps(T* object, std::size_t bytes, Retire retire) {
    lull::hold held = test::hold_of(object);
    bool other_gone = false;
    retire();
    me.retire(new test::tracked(other_gone));
    CHECK_FALSE(me.drive());
    CHECK(other_gone);
    CHECK(told.empty());
    CHECK(me.statistics().held_objects == 1);
    CHECK(me.statistics().held_bytes == bytes);
    CHECK(me.statistics().limbo_bytes == 0);
    for (int i = 0; i < 10; ++i) me.quiescent();
    CHECK(told.empty());
    held.drop();
    CHECK(me.drive());
    CHECK(me.statistics().held_objects == 0);
    CHECK(me.statistics().released == 2);
  }

  lull::domain domain;
  participant me{domain};
};

using words = std::vector<std::string>;

struct teller {
  explicit teller(std::string what) noexcept : text(std::move(what)) {}
  ~teller() { told.push_back(text); }
  std::string text;
};

// A deleter whose state is a string, short ones of which point into themselves.
struct telling {
  std::string name;
  void operator()(int* object) const noexcept {
    told.push_back(name + std::to_string(*object));
    delete object;
  }
};

struct telling_without_state {
  void operator()(int* object) const noexcept {
    told.push_back(std::to_string(*object));
    delete object;
  }
};

struct element {
  int number = 0;
  ~element() { told.push_back(std::to_string(number)); }
};

struct retirable_teller : lull::retirable<retirable_teller> {
  int number = 6;
  ~retirable_teller() { told.push_back("retirable" + std::to_string(number)); }
};

// A retirable whose base is not at its beginning.
struct before {
  virtual ~before() = default;
  int some = 1;
};
struct late_base : before, lull::retirable<late_base> {
  ~late_base() override { told.emplace_back("late base"); }
};

struct homed_teller : lull::homed<homed_teller> {
  explicit homed_teller(const participant*& where) noexcept : released_by(&where) {}
  ~homed_teller() {
    *released_by = participant::current();
    told.emplace_back("homed");
  }
  const participant** released_by;
};

struct int_pool {
  void give_back(int* object) noexcept {
    told.push_back("pool" + std::to_string(*object));
    delete object;
  }
};

}  // namespace

TEST_CASE_METHOD(form, "a hold keeps what is retired to be deleted") {
  auto* const object = new teller("plain");
  keeps(object, sizeof(teller), [&] { me.retire(object); });
  CHECK(told == words{"plain"});
}

TEST_CASE_METHOD(form, "a hold keeps what is retired with its bytes") {
  auto* const object = new teller("sized");
  keeps(object, 12'345, [&] { me.retire(object, 12'345); });
  CHECK(told == words{"sized"});
}

TEST_CASE_METHOD(form, "a hold keeps what a unique_ptr owned") {
  auto object = std::make_unique<teller>("unique");
  teller* const address = object.get();
  keeps(address, sizeof(teller), [&] { me.retire(std::move(object)); });
  CHECK(told == words{"unique"});
}

TEST_CASE_METHOD(form, "a hold keeps what has a deleter without state") {
  std::unique_ptr<int, telling_without_state> object(new int(3));
  int* const address = object.get();
  keeps(address, sizeof(int), [&] { me.retire(std::move(object)); });
  CHECK(told == words{"3"});
}

TEST_CASE_METHOD(form, "a hold keeps what has a deleter with a string, short or long") {
  for (const char* name : {"short", "one that is too long to lie in the string itself"}) {
    std::unique_ptr<int, telling> object(new int(4), telling{name});
    int* const address = object.get();
    lull::hold held = test::hold_of(address);
    told.clear();
    me.retire(std::move(object));
    CHECK_FALSE(me.drive());
    // Blocks of limbo are used again, so that what was moved out of them is not there any more.
    for (int i = 0; i < 2000; ++i) me.retire(new int(i));
    CHECK_FALSE(me.drive());
    CHECK(told.empty());
    held.drop();
    CHECK(test::drive_to_the_end(me));
    CHECK(told == words{std::string(name) + "4"});
  }
}

TEST_CASE_METHOD(form, "a hold keeps an array") {
  std::unique_ptr<element[]> array(new element[3]);
  for (int i = 0; i < 3; ++i) array[static_cast<std::size_t>(i)].number = i;
  element* const address = array.get();
  keeps(address, 3 * sizeof(element), [&] { me.retire(std::move(array), 3); });
  CHECK(told == words{"2", "1", "0"});
}

TEST_CASE_METHOD(form, "a hold keeps what a function is called with") {
  auto* const object = new int(8);
  keeps(object, 77, [&] {
    me.retire(
        object, 77, +[](void* at) noexcept {
          told.push_back("function" + std::to_string(*static_cast<int*>(at)));
          delete static_cast<int*>(at);
        });
  });
  CHECK(told == words{"function8"});
}

TEST_CASE_METHOD(form, "a hold keeps what goes back to a pool") {
  static int_pool pool;  // outlives the domain
  auto* const object = new int(5);
  keeps(object, sizeof(int), [&] { me.retire_to(pool, object); });
  CHECK(told == words{"pool5"});
}

TEST_CASE_METHOD(form, "a hold keeps what links itself") {
  auto* const object = new retirable_teller;
  keeps(object, sizeof(retirable_teller), [&] { me.retire(object); });
  CHECK(told == words{"retirable6"});
}

TEST_CASE_METHOD(form, "a hold keeps what links itself by a base that is not its first") {
  auto* const object = new late_base;
  keeps(object, sizeof(late_base), [&] { me.retire(object); });
  CHECK(told == words{"late base"});
}

TEST_CASE_METHOD(form, "a hold keeps what goes home, and then it goes home") {
  participant home(domain);
  const participant* released_by = nullptr;
  homed_teller* object = nullptr;
  {
    const test::playing as_home(home);
    object = new homed_teller(released_by);
  }
  lull::hold held = test::hold_of(object);
  me.retire(object);
  test::pass_grace_period(me, home);
  CHECK_FALSE(me.drive());
  CHECK(me.statistics().held_objects == 1);
  CHECK(me.statistics().held_bytes == sizeof(homed_teller));
  test::pass_grace_period(me, home);
  CHECK(told.empty());
  held.drop();
  test::pass_grace_period(me, home);
  CHECK(told == words{"homed"});
  CHECK(released_by == &home);
  CHECK(me.statistics().held_objects == 0);
  CHECK(me.statistics().sent_home == 1);
  CHECK(home.statistics().released == 1);
}

TEST_CASE_METHOD(form, "a deferred call is called in its turn though something is held") {
  auto* const object = new teller("held");
  lull::hold held = test::hold_of(object);
  me.retire(object);
  me.defer([text = std::string("deferred")] { told.push_back(text); });
  struct large {
    std::string many[8];
  };
  me.defer(
      [all = large{{"a large one", {}, {}, {}, {}, {}, {}, {}}}] { told.push_back(all.many[0]); });
  CHECK_FALSE(me.drive());
  CHECK(told == words{"deferred", "a large one"});
  held.drop();
  CHECK(me.drive());
  CHECK(told == words{"deferred", "a large one", "held"});
}

TEST_CASE_METHOD(form, "a deleter may drop a hold, and may retire what the hold kept") {
  auto* const object = new teller("inner");
  struct owner {
    lull::hold<teller> inner;
    explicit owner(lull::hold<teller> what) noexcept : inner(std::move(what)) {}
    ~owner() { told.emplace_back("owner"); }
  };
  me.retire(new owner(test::hold_of(object)));
  me.retire(object);
  CHECK(test::drive_to_the_end(me));
  CHECK(told == words{"owner", "inner"});
}
