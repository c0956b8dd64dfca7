// SPDX-License-Identifier: MIT
#pragma once

// What this kernel can do for lull, each found by doing it once on a small ring of its own: a
// feature bit or a version says what a kernel has, not whether this process may use it. Detection
// makes about 50 system calls, once a process (detected_capabilities keeps the result); any thread
// may ask. Tests switch capabilities off to take the path of an older kernel.

#include <string>

#include "kernel.hpp"

namespace lull {

struct capabilities {
  bool deferred_task_work = true;   // 6.1: completions only when the core asks for them
  bool no_submission_array = true;  // 6.6: one indirection less a submission
  bool registered_ring = true;      // 5.18: cheaper entry
  bool multishot_accept = true;     // 5.19
  bool buffer_ring = true;          // 5.19
  bool multishot_receive = true;    // 6.0
  bool multishot_message = true;    // 6.0: a receive of datagrams goes on by itself
  bool incremental_buffers = true;  // 6.12: many receives share one big buffer
  bool ring_message = true;         // 5.18: wakes another core without a second descriptor
  bool zero_copy_send = true;       // 6.1: what is sent is read where it lies
  bool registered_buffers = true;   // 5.19: files use memory that the ring knows beforehand
  bool truncate = true;             // 6.9: a file's length is set without a thread
  bool wait_for_child = true;       // 6.7: the end of a child, with what it ended with
  bool futex = true;                // 6.7: waiting until a word of memory is woken

  friend bool operator==(const capabilities&, const capabilities&) = default;
  // What that version of the kernel brings: as ring_options::allowed it makes lull take the ways of
  // that kernel, for tests and to measure them.
  static capabilities of_linux(unsigned major, unsigned minor) noexcept;
  // The same of the version in the environment variable LULL_AS_LINUX ("6.1"); all without it. For
  // trying a program's behaviour on older kernels, and to do without what a newer one gets wrong.
  // Throws std::invalid_argument with a sentence.
  static capabilities of_environment();
  // What both have.
  friend capabilities operator&(const capabilities& a, const capabilities& b) noexcept;

  // One a line: name, yes or no, what is used instead.
  std::string describe() const;
};

// Tries each. Throws std::system_error with a sentence when no ring can be had at all, or one that
// cannot cancel by descriptor (Linux before 5.19).
capabilities detect_capabilities(kernel& through);

// The real kernel's, detected on first use, as far as LULL_AS_LINUX allows. Throws as that does.
const capabilities& detected_capabilities();

}  // namespace lull
