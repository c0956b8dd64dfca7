// SPDX-License-Identifier: MIT
#include "path_text.hpp"

namespace lull {

path_text::path_text(const path_text& other) noexcept = default;
path_text::path_text(path_text&& other) noexcept = default;
path_text& path_text::operator=(const path_text& other) noexcept = default;
path_text& path_text::operator=(path_text&& other) noexcept = default;
path_text::~path_text() = default;

}  // namespace lull
