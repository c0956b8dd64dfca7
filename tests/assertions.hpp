// SPDX-License-Identifier: MIT
#pragma once

// Catch2's CHECK and REQUIRE as one call each, where its own are written out with all that their
// handler may throw: a tenth of the time that the tests take to compile. What they say is the same,
// but that an exception out of the expression is told as thrown after the assertion before it.
// Included in front of every test, by meson.build.

#include <catch2/catch_test_macros.hpp>

namespace test {

struct assertion {
  Catch::StringRef macro;
  Catch::SourceLineInfo where;
  Catch::StringRef text;
  Catch::ResultDisposition::Flags how;
};

template <class Expression>
[[gnu::noinline]] void look_at(const assertion& asserted, const Expression& expression) {
  Catch::AssertionHandler handler(asserted.macro, asserted.where, asserted.text, asserted.how);
  handler.handleExpr(expression);
  handler.complete();
}

}  // namespace test

// For warnings about what is compared, which Catch2's templates hide. Where clang optimizes alone:
// it takes time, and gcc 12 would run a co_await in it.
#if defined(__clang__) && defined(__OPTIMIZE__)
#define TEST_WARNS_OF(...) CATCH_INTERNAL_IGNORE_BUT_WARN(__VA_ARGS__)
#else
#define TEST_WARNS_OF(...) static_cast<void>(0)
#endif

#undef INTERNAL_CATCH_TEST
#define INTERNAL_CATCH_TEST(macro, how, ...)                                                      \
  do {                                                                                            \
    TEST_WARNS_OF(__VA_ARGS__);                                                                   \
    static constexpr ::test::assertion asserted_here{macro##_catch_sr, CATCH_INTERNAL_LINEINFO,   \
                                                     CATCH_INTERNAL_STRINGIFY(__VA_ARGS__), how}; \
    CATCH_INTERNAL_START_WARNINGS_SUPPRESSION                                                     \
    CATCH_INTERNAL_SUPPRESS_PARENTHESES_WARNINGS                                                  \
    ::test::look_at(asserted_here, Catch::Decomposer() <= __VA_ARGS__);                           \
    CATCH_INTERNAL_STOP_WARNINGS_SUPPRESSION                                                      \
  } while (false)
