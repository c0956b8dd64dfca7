// SPDX-License-Identifier: MIT
#pragma once

// Tasks in a simulation that write to each other over Unix sockets, by streams and by datagrams,
// and pass descriptors along, which are real ones. Some sends and receives are given up, some
// sockets are closed in the middle, and some receive without taking descriptors. What was said to
// be sent comes, in order and once, with the descriptors that were passed, or it is said that some
// are lost; what was said not to be sent never comes; and no copy of a descriptor stays open.

#include <array>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "simulated_program.hpp"

namespace simulation {

class parcels final : public simulated_program {
 public:
  parcels(schedule& s, simulated_kernel& kernel);
  ~parcels() override = default;

  void end_cores();

  // What one run did.
  struct {
    std::uint64_t connected = 0, accepted = 0, sent = 0, sent_plain = 0, received = 0, plain = 0,
                  viewed = 0, passed = 0, kept_from = 0, given_up = 0, broken = 0, letters = 0,
                  letters_got = 0, cut_off = 0, refused = 0, no_room = 0, closed = 0, replaced = 0;
  } done;

 private:
  using items = std::vector<unsigned>;
  // A connection, and what went over it.
  struct route {
    struct parcel {
      std::size_t at;
      items with;
      bool some_lost = false;
    };
    std::string sent;      // as the sender was told
    std::string received;  // and the receiver
    std::vector<parcel> out, in;
    std::vector<std::pair<std::size_t, std::size_t>> plain;  // received without descriptors
    bool views = false;                                      // the receiver takes none at all
    bool left = false;                                       // by the receiver
    bool unknown = false;                                    // the last send failed in the middle
  };
  struct letter {
    unsigned to;
    std::string bytes;
    items with;
    enum { unknown, sent, failed } what = unknown;
    bool arrived = false;
  };
  struct box {
    lull::unix_datagram_socket socket;
    lull::unix_address name;
    unsigned number;
    unsigned peer;  // the only one that it writes to, or as many as there are boxes
    std::deque<letter> sent = {};
    std::vector<unsigned> next = {};  // the letter of each box that comes next, at the earliest
    bool closes = false;              // in the middle
    bool closed = false;
  };

  lull::task<> run() override;
  bool can_act() const override { return false; }
  void act() override {}

  // Streams.
  lull::task<> one_route(unsigned number);
  lull::task<> connect_and_use(route& mine, lull::unix_address name, bool sends);
  lull::task<> accept_and_use(route& mine, lull::unix_listener& at, bool sends);
  lull::task<> use(route& mine, lull::unix_stream stream, bool sends);
  lull::task<> send_all(route& mine, lull::unix_stream& over);
  // False: it cannot go on.
  lull::task<bool> send_parcel(route& mine, lull::unix_stream& over);
  lull::task<bool> send_plain(route& mine, lull::unix_stream& over);
  lull::task<> receive_all(route& mine, lull::unix_stream& over);
  lull::task<bool> receive_parcel(route& mine, lull::unix_stream& over);
  lull::task<bool> receive_plain(route& mine, lull::unix_stream& over);
  lull::task<bool> receive_view(route& mine, lull::unix_stream& over);
  void check(const route& one);

  // Datagrams.
  lull::task<> all_letters();
  lull::task<> write_letters(box& from);
  lull::task<> read_letters(box& to);
  lull::task<> close_box(box& one);
  bool is_done(const box& to) const;
  void take(box& to, unsigned from, unsigned number, lull::unix_message& got, std::string bytes);

  void failed(const lull::failure& why, bool patient);
  std::string some_text(unsigned least);
  items some_items();
  std::vector<int> numbers_of(const items& which) const;
  items items_in(lull::descriptor_list& all);
  // Whether what came is what was passed, or the beginning of it if some were lost.
  static bool is_it(const items& passed, const items& came, bool some_lost);

  static constexpr unsigned item_count = 3;
  std::size_t open_before_;
  std::array<lull::descriptor, item_count> items_;
  std::array<unsigned long, item_count> inodes_{};
  std::deque<box> boxes_;
  unsigned writing_ = 0;
};

}  // namespace simulation
