// SPDX-License-Identifier: MIT
#pragma once

// Starting a child process: the part that blocks, for a thread of the pool. Use start_process.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "descriptor.hpp"
#include "process_state.hpp"

namespace lull {

// What a child has as its standard input, output or errors.
enum class child_stream {
  inherit,  // what this program has
  null,     // /dev/null: no input, and output is dropped
  pipe,     // a pipe, whose other end the process object has
};

struct process_options {
  // A path, or a name that is looked for in this program's PATH. A relative path counts from the
  // child's working directory.
  std::string program;
  // Without the name of the program. No shell reads them.
  std::vector<std::string> arguments = {};
  // "NAME=value" each; none: this program's.
  std::optional<std::vector<std::string>> environment = {};
  // None: this program's.
  std::string working_directory = {};
  child_stream input = child_stream::null;
  child_stream output = child_stream::inherit;
  child_stream errors = child_stream::inherit;
};

namespace detail {

using process_owner = std::unique_ptr<process_state, drop_process>;

struct spawn_request {
  process_options options;
  descriptor input;  // the child's ends of pipes; closed with this
  descriptor output;
  descriptor errors;
};

struct spawn_outcome {
  int error = 0;
  process_owner process;  // with a child if there was no error
};

// Blocks until the child runs its program, or could not: the error is that of the step that failed.
spawn_outcome spawn_blocking(spawn_request request, process_owner process) noexcept;

}  // namespace detail
}  // namespace lull
