// SPDX-License-Identifier: MIT
#pragma once

// Checks that stop the program with a sentence: what is wrong, with which values, and what to do
// instead. LULL_ASSERT is on in every build and costs a compare; LULL_DEBUG_ASSERT is on in checked
// builds (-DLULL_CHECKED) and may cost more. They are for misuse by the programmer only; what the
// world does (errors, limits, peers) is a value, never an assertion.

namespace lull::detail {

// Writes "lull: <sentence> (file.cpp:123)" to stderr and aborts. The sentence is formatted as by
// printf. Any thread may call it.
[[noreturn, gnu::cold, gnu::format(printf, 3, 4)]] void stop(const char* file, int line,
                                                             const char* sentence, ...) noexcept;

// As long as one lives, a stop of its thread says more, on a line of its own: for who knows what
// went before. The call writes that to stderr. Of several the last one does.
class said_at_stop {
 public:
  using function = void (*)(void* state) noexcept;

  said_at_stop(function call, void* state) noexcept;
  ~said_at_stop();
  said_at_stop(const said_at_stop&) = delete;
  said_at_stop& operator=(const said_at_stop&) = delete;

  void say() const noexcept { say_(state_); }

 private:
  function say_;
  void* state_;
  const said_at_stop* before_;
};

}  // namespace lull::detail

// LULL_ASSERT(condition, "sentence with %d", value): stops the program unless the condition holds.
#define LULL_ASSERT(condition, ...)                          \
  do {                                                       \
    if (!(condition)) [[unlikely]]                           \
      ::lull::detail::stop(__FILE__, __LINE__, __VA_ARGS__); \
  } while (false)

#ifdef LULL_CHECKED
#define LULL_DEBUG_ASSERT(condition, ...) LULL_ASSERT(condition, __VA_ARGS__)
#else
#define LULL_DEBUG_ASSERT(condition, ...) static_cast<void>(0)
#endif
