// SPDX-License-Identifier: MIT
// expect: an aligned_buffer was asked for with an alignment of 768; it is a power of two
#include <lull/io/aligned_buffer.hpp>

void program() { const lull::aligned_buffer buffer(1, 768); }
