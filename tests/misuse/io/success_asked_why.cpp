// SPDX-License-Identifier: MIT
// expect: a successful result was asked why it failed
#include <lull/io/result.hpp>

int main() {
  const lull::result<int> good = 5;
  return good.why().code;
}
