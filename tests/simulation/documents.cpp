// SPDX-License-Identifier: MIT
// The document that tasks of a simulation replace and read.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "paperwork.hpp"

namespace simulation {
namespace {

constexpr unsigned most_versions = 4;
const std::string document = std::string(simulated_files::folder) + "/document";

}  // namespace

lull::task<> paperwork::replace_all() {
  for (unsigned left = by.random.below(most_versions); left > 0; --left) {
    if (by.chance(3)) {
      auto drafting = draft();
      co_await std::move(drafting);
      continue;
    }
    versions_.push_back(some_text() + some_text());
    auto replacing = replace(versions_.back());
    co_await std::move(replacing);
  }
  replacing_ = false;
}

lull::task<> paperwork::replace(const std::string& content) {
  const time_limit most = some_limit();
  const std::string* const before = kernel_.files.content(document);
  const std::string old = before == nullptr ? std::string() : *before;
  auto storing = lull::fs::write_file(document, content);
  const auto wrote = co_await lull::timeout(4 * most.time, std::move(storing));
  const std::string* const now = kernel_.files.content(document);
  if (kernel_.files.has_temporary()) by.fail("a temporary file was left behind");
  if (*wrote) {
    if (now == nullptr || *now != content) by.fail("a document is not what was written");
    if (!kernel_.files.is_safe(document)) by.fail("a document would not be there after a crash");
    ++done.replaced;
    co_return;
  }
  const lull::failure& why = wrote->why();
  const bool is_old = now == nullptr ? before == nullptr : *now == old;
  if (is_old) {
    ++done.not_replaced;
  } else if (now != nullptr && *now == content && why.code != ECANCELED &&
             why.message().find("fsync of the folder") != std::string::npos) {
    ++done.replaced_unsafely;
  } else {
    by.fail("a document was replaced, and the failure does not say so: " + why.message());
  }
  if (why.code != EIO) failed(why, most.patient);
}

lull::task<> paperwork::draft() {
  const time_limit most = some_limit();
  auto making = lull::fs::temporary_file(simulated_files::folder);
  auto made = co_await lull::timeout(4 * most.time, std::move(making));
  if (kernel_.files.has_temporary()) by.fail("a draft has a name that it was not given");
  if (!*made) {
    ++done.not_drafted;
    co_return failed(made->why(), most.patient);
  }
  const std::string content = some_text();
  auto writing = (*made)->write_all(content, 0);
  const auto wrote = co_await writing;
  if (!wrote) co_return failed(wrote.why(), true);
  const auto status = co_await (*made)->stat();
  if (!status) co_return failed(status.why(), true);
  if (status->bytes != content.size() || status->links != 0) by.fail("a draft is not as made");
  ++done.drafted;
  if (by.chance(2)) co_return;  // dropped
  auto naming = name_draft(**made, content);
  co_await std::move(naming);
}

// Those that had a name, and lost it, get none.
lull::task<> paperwork::name_draft(const lull::file& draft, const std::string& content) {
  const time_limit most = some_limit();
  const std::string number = "/proc/self/fd/" + std::to_string(draft.descriptor());
  const std::string name = document + "-draft-" + std::to_string(++drafts_);
  auto linking = lull::fs::link(number, name, AT_SYMLINK_FOLLOW);
  const auto linked = co_await lull::timeout(most.time, std::move(linking));
  const std::string* const now = kernel_.files.content(name);
  if (*linked) {
    if (now == nullptr || *now != content) by.fail("a draft was not named as somebody says");
    ++done.named;
    co_return;
  }
  if (now != nullptr) by.fail("a draft was named, and nobody says so");
  ++done.not_named;
  const int code = linked->why().code;
  if (code != ENOENT || kernel_.files.has_unnamed) failed(linked->why(), most.patient);
}

lull::task<> paperwork::read_all() {
  while (replacing_) {
    co_await lull::sleep(a_while());
    if (by.chance(3)) {
      auto copying = copy();
      co_await std::move(copying);
      continue;
    }
    const time_limit most = some_limit();
    const bool was_there = kernel_.files.content(document) != nullptr;
    auto reading = lull::fs::read_file(document);
    const auto got = co_await lull::timeout(4 * most.time, std::move(reading));
    if (*got) {
      if (std::find(versions_.begin(), versions_.end(), **got) == versions_.end()) {
        by.fail("a document was not read whole");
      }
      ++done.read_whole;
    } else if (got->why().code != ENOENT || was_there) {
      failed(got->why(), most.patient);
    }
  }
}

// Of a name that nobody has.
lull::task<> paperwork::copy() {
  const time_limit most = some_limit();
  const std::string name = document + "-" + std::to_string(++copies_);
  const bool was_there = kernel_.files.content(document) != nullptr;
  auto copying = lull::fs::copy_file(document, name);
  const auto got = co_await lull::timeout(4 * most.time, std::move(copying));
  const std::string* const made = kernel_.files.content(name);
  if (*got) {
    if (made == nullptr || made->size() != **got ||
        std::find(versions_.begin(), versions_.end(), *made) == versions_.end()) {
      by.fail("a document was not copied whole");
    }
    ++done.copied;
    co_return;
  }
  if (made != nullptr) by.fail("a part of a document was left behind");
  ++done.not_copied;
  const int code = got->why().code;
  if (code != EIO && (code != ENOENT || was_there)) failed(got->why(), most.patient);
}

}  // namespace simulation
