// SPDX-License-Identifier: MIT
#pragma once

// Tasks in a simulation that move bytes between pipes, files and connections, by splices and
// send_file, or read and write the pipes themselves; some for a limited time, some with an end
// closed in the middle. Somebody outside fills the pipes, and drains pipes and connections, when it
// likes, and goes away early at times. All bytes come, in order and once, as far as anybody says
// that they were moved; and all that was moved is said.

#include <deque>
#include <string>

#include "simulated_program.hpp"

namespace simulation {

class plumbing final : public simulated_program {
 public:
  plumbing(schedule& s, simulated_kernel& kernel);

  // What one run did.
  struct {
    std::uint64_t spliced = 0, ended = 0, given_up = 0, closed = 0, refused = 0, broken = 0,
                  to_files = 0, from_files = 0, to_pipes = 0, sent_files = 0, sent_in_part = 0,
                  read = 0, read_short = 0, written = 0, not_written = 0;
  } done;

 private:
  // What somebody outside does with a pipe or a connection.
  struct tap {
    std::string text;            // to come, or to go
    int end = -1;                // of a pipe
    connection* with = nullptr;  // or a connection
    bool fills = false;
    bool leaves_early = false;
    bool is_silent = false;  // does nothing until the other end is gone
    std::size_t moved = 0;
    bool gone = false;
  };
  // One task's.
  struct job {
    std::string text;
    tap* drain = nullptr;
    std::size_t moved = 0;  // as lull has said
    bool ended = false;     // all has been moved
    bool closes = false;    // an end of it is closed in the middle
    bool closing = false;
  };

  lull::task<> run() override;
  bool can_act() const override;
  void act() override;

  lull::task<> one_job();
  lull::task<> pipe_to_file();
  lull::task<> file_to_pipe();
  lull::task<> pipe_to_pipe();
  lull::task<> file_to_stream();
  lull::task<> read_pipe();
  lull::task<> read_all(job& mine, lull::pipe_reader& from);
  lull::task<> write_pipe();
  lull::task<> write_all(job& mine, lull::pipe_writer& to);
  // Until the work on it has ended; it is closed in the middle at times.
  template <class End>
  lull::task<> use(job& mine, End& end, lull::task<> (plumbing::*work)(job&, End&));
  // Splices until nothing more comes; one of both is closed in the middle at times.
  template <class From, class To, class Make>
  lull::task<> carry(job& mine, From& from, To& to, Make make);
  template <class End>
  lull::task<> close(job& mine, End& end);
  template <class Make>
  lull::task<> splice_all(job& mine, Make make);
  void failed(job& mine, const lull::failure& why, bool patient);

  job new_job();
  lull::pipe_reader filled_pipe(const job& mine);
  lull::pipe_writer drained_pipe(job& mine);
  lull::task<lull::file> file_of(std::string path, std::string text);
  lull::task<lull::tcp_stream> drained_stream(job& mine);
  std::string new_path();
  std::string some_text();

  bool can_act(const tap& one) const;
  void fill(tap& one);
  void drain(tap& one);
  void leave(tap& one);

  std::deque<tap> taps_;
  std::uint64_t spliced_ = 0;
  unsigned files_ = 0;
};

}  // namespace simulation
