// SPDX-License-Identifier: MIT
#pragma once

// Tasks with files in a simulation. Some keep a record each, with every way to read and write a
// file, some of it given up, some at a time, with the file closed in the middle and opened again;
// what the file holds must be at any time what all that succeeded says. One replaces a document
// again and again, and another reads it: it is there whole, the old one or the new, and safe once
// the replacing has said so. Drafts of it are files without a name, some of which are given one.
// One makes, moves and removes names of its own: what was done is what is said. The device takes
// its time, and does what is in flight in any order.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulated_program.hpp"

namespace simulation {

class paperwork final : public simulated_program {
 public:
  paperwork(schedule& s, simulated_kernel& kernel);

  // What one run did.
  struct {
    std::uint64_t written = 0, read = 0, read_at_end = 0, synced = 0, sync_failed = 0, closed = 0,
                  given_up = 0, interrupted = 0, not_yet = 0, no_room = 0, no_descriptor = 0,
                  in_part = 0, replaced = 0, not_replaced = 0, replaced_unsafely = 0,
                  read_whole = 0, copied = 0, not_copied = 0, durable = 0, reserved = 0,
                  advised = 0, registered = 0, unregistered = 0, names_made = 0, names_kept = 0,
                  refused = 0, seen = 0, drafted = 0, not_drafted = 0, named = 0, not_named = 0;
  } done;

 private:
  struct record {
    std::string path;
    std::string expected = {};
    lull::file file = {};
  };
  struct writing {
    time_limit most;
    std::string text;
    bool appends;
    std::size_t offset;
  };

  lull::task<> run() override;
  bool can_act() const override { return kernel_.has_file_work(); }
  void act() override { kernel_.do_file_work(); }

  // Records.
  lull::task<> keep(unsigned number);
  lull::task<> open(record& mine);
  lull::task<> one_step(record& mine);
  lull::task<> write_some(record& mine);
  lull::task<> write_whole(record& mine);
  lull::task<> write_two(record& mine);
  lull::task<> read_some(record& mine);
  lull::task<> read_whole(record& mine);
  lull::task<> change_size(record& mine);
  lull::task<> sync(record& mine);
  lull::task<> close(record& mine);
  lull::task<> other_step(record& mine);
  lull::task<> write_durably(record& mine);
  lull::task<> reserve(record& mine);
  lull::task<> advise(record& mine);
  lull::task<> use_registered(record& mine);
  lull::task<> write_registered(record& mine, const lull::registered_buffer& buffer);
  lull::task<> read_registered(record& mine, const lull::registered_buffer& buffer);
  static void apply(record& to, std::size_t offset, std::string_view bytes);
  // After a failure: the file holds the beginning of these bytes, however long.
  void settle(record& mine, std::size_t offset, std::string_view bytes);
  void compare(const record& mine);

  // The document.
  lull::task<> replace_all();
  lull::task<> replace(const std::string& content);
  lull::task<> read_all();
  lull::task<> copy();
  lull::task<> draft();
  lull::task<> name_draft(const lull::file& draft, const std::string& content);

  // Names.
  using names = std::map<std::string, std::string>;
  lull::task<> keep_order();
  lull::task<> change_names();
  lull::task<> make_file();
  lull::task<> look_at();
  std::string some_name();
  void compare_names(const names& before, const names& expected, const lull::result<void>& said,
                     bool patient);

  writing some_writing(const record& mine);
  std::string some_text();
  void failed(const lull::failure& why, bool patient);

  std::vector<std::string> versions_;  // that were to be written
  bool replacing_ = true;
  std::optional<lull::registered_buffers> buffers_;
  unsigned copies_ = 0;
  unsigned drafts_ = 0;
};

}  // namespace simulation
