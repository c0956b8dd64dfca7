// SPDX-License-Identifier: MIT
// Names that a task of a simulation makes, moves and removes, and what it sees of them.
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "paperwork.hpp"

namespace simulation {
namespace {

constexpr unsigned most_name_steps = 12;
const std::string tree = std::string(simulated_files::folder) + "/tree";
constexpr const char* tree_names[] = {"/a", "/b", "/c", "/a/d", "/a/e", "/b/f"};

bool is_refusal(int code) noexcept {
  return code == ENOENT || code == EEXIST || code == ENOTEMPTY || code == EISDIR ||
         code == ENOTDIR || code == EPERM || code == EINVAL || code == ELOOP;
}

}  // namespace

std::string paperwork::some_name() { return tree + tree_names[by.random.below(6)]; }

lull::task<> paperwork::keep_order() {
  while (kernel_.files.names_below(simulated_files::folder).count(tree) == 0) {
    auto made = co_await lull::fs::mkdir(tree);
    if (!made) failed(made.why(), true);
  }
  for (unsigned left = 2 + by.random.below(most_name_steps); left > 0; --left) {
    auto step = by.chance(4) ? look_at() : by.chance(4) ? make_file() : change_names();
    co_await std::move(step);
  }
}

lull::task<> paperwork::change_names() {
  const time_limit most = some_limit();
  const std::string from = some_name();
  const std::string to = some_name();
  const names before = kernel_.files.names_below(tree);
  const bool is_there = before.contains(from);
  const bool is_folder = is_there && before.at(from) == "folder";
  const std::string above = to.substr(0, to.rfind('/'));
  const bool has_place =
      !before.contains(to) &&
      (above == tree || (before.contains(above) && before.at(above) == "folder"));
  bool can_be = false;  // for certain
  names after = before;
  lull::timed<lull::result<void>> said;
  switch (by.random.below(7)) {
    case 0:
      after[to] = "folder";
      can_be = has_place;
      said = co_await lull::timeout(most.time, lull::fs::mkdir(to));
      break;
    case 1:
      after[to] = "link to " + from;
      can_be = has_place;
      said = co_await lull::timeout(most.time, lull::fs::symlink(from, to));
      break;
    case 2:
      if (is_there) after[to] = before.at(from);
      can_be = is_there && !is_folder && has_place;
      said = co_await lull::timeout(most.time, lull::fs::link(from, to));
      break;
    case 3: {
      const unsigned flags = by.chance(2) ? RENAME_NOREPLACE : 0;
      const bool is_one = kernel_.files.are_one(from, to);  // both names stay
      if (is_there && !is_one) after[to] = before.at(from);
      if (!is_one) after.erase(from);
      said = co_await lull::timeout(most.time, lull::fs::rename(from, to, flags));
      break;
    }
    case 4:
      if (is_there && before.contains(to)) std::swap(after[from], after[to]);
      said = co_await lull::timeout(most.time, lull::fs::rename(from, to, RENAME_EXCHANGE));
      break;
    case 5:
      after.erase(from);
      can_be = is_there && !is_folder;
      said = co_await lull::timeout(most.time, lull::fs::unlink(from));
      break;
    default:
      after.erase(from);
      can_be = is_folder && kernel_.files.names_below(from).empty();
      said = co_await lull::timeout(most.time, lull::fs::rmdir(from));
      break;
  }
  if (can_be && !*said && is_refusal(said->why().code)) by.fail("a name was refused for no reason");
  compare_names(before, after, *said, most.patient);
}

// All of it was done, or nothing.
void paperwork::compare_names(const names& before, const names& expected,
                              const lull::result<void>& said, bool patient) {
  const names now = kernel_.files.names_below(tree);
  if (said) {
    if (now != expected) by.fail("a name was not changed as somebody says");
    ++done.names_made;
    return;
  }
  if (now != before) by.fail("a name was changed, and nobody says so: " + said.why().message());
  ++done.names_kept;
  if (is_refusal(said.why().code)) {
    ++done.refused;
  } else {
    failed(said.why(), patient);
  }
}

lull::task<> paperwork::make_file() {
  const time_limit most = some_limit();
  const std::string name = some_name();
  const names before = kernel_.files.names_below(tree);
  auto opened = co_await lull::timeout(most.time, lull::fs::open(name, O_RDWR | O_CREAT | O_EXCL));
  names after = kernel_.files.names_below(tree);
  if (!*opened) {
    compare_names(before, before, opened->why(), most.patient);
    co_return;
  }
  if (!after.contains(name) || !after[name].starts_with("file ") || before.contains(name)) {
    by.fail("a file was opened that is not there, or was before");
  }
  after.erase(name);
  if (after != before) by.fail("another file was made as well");
  if (by.chance(2)) co_return;  // dropped
  const auto status = co_await (*opened)->stat();
  if (!status) co_return failed(status.why(), true);
  if (status->bytes != 0 || status->links != 1) by.fail("a new file is not empty");
}

lull::task<> paperwork::look_at() {
  const time_limit most = some_limit();
  std::string name = some_name();
  const names all = kernel_.files.names_below(tree);
  const bool follows = by.chance(2);
  lull::timed<lull::result<lull::fs::file_status>> seen;
  if (follows) {
    seen = co_await lull::timeout(most.time, lull::fs::stat(name));
  } else {
    seen = co_await lull::timeout(most.time, lull::fs::lstat(name));
  }
  const std::string link = "link to ";
  const auto is_link = [&] { return all.contains(name) && all.at(name).starts_with(link); };
  for (unsigned left = 10; follows && left > 0 && is_link(); --left) {
    name = all.at(name).substr(link.size());
  }
  if (!*seen) {
    const int code = seen->why().code;
    const bool is_loop = code == ELOOP && follows && is_link();
    const bool is_gone = code == ENOENT && !all.contains(name);
    if (!is_loop && !is_gone) failed(seen->why(), most.patient);
    co_return;
  }
  if (!all.contains(name)) by.fail("somebody has seen what is not there");
  const std::string what = all.at(name);
  const std::string as_seen = S_ISDIR((*seen)->mode)   ? "folder"
                              : S_ISLNK((*seen)->mode) ? link
                                                       : "file " + std::to_string((*seen)->inode);
  if (!what.starts_with(as_seen) || (as_seen != link && what != as_seen)) {
    by.fail("somebody has seen something else than is there");
  }
  ++done.seen;
}

}  // namespace simulation
