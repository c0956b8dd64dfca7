// SPDX-License-Identifier: MIT

// A program outside the tree that uses lull-reclaim alone: no io_uring, no coroutine.

#include <lull/reclaim/domain.hpp>
#include <lull/reclaim/participant.hpp>
#include <lull/reclaim/retire.hpp>

#include <cstdio>

namespace {

struct counted {
  ~counted() { released = released + 1; }
  static inline int released = 0;
};

}  // namespace

int main() {
  {
    lull::domain domain;
    lull::participant self(domain);
    self.retire(new counted);
    self.quiescent();
    self.drive();
  }
  std::printf("released %d\n", counted::released);
  return counted::released == 1 ? 0 : 1;
}
