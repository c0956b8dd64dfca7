// SPDX-License-Identifier: MIT
// expect: nodiscard
#include <lull/lull.hpp>

#pragma GCC diagnostic error "-Wunused-result"
#pragma GCC diagnostic error "-Wunused-value"

using namespace std::chrono_literals;

lull::task<> does_nothing(lull::tcp_stream& stream, lull::tcp_listener& listener, lull::file& file,
                          lull::scope& all, lull::event& event, lull::process& process,
                          lull::pipe_writer& pipe, lull::udp_socket& datagrams,
                          lull::buffered_writer<lull::tcp_stream>& writer,
                          lull::async_generator<int>& generator) {
  lull::sleep(1s);                                // refused
  lull::yield();                                  // refused
  lull::yield_if_needed();                        // refused
  lull::stop_requested();                         // refused
  stream.send_all("all");                         // refused
  stream.send("some");                            // refused
  stream.shutdown();                              // refused
  stream.close();                                 // refused
  stream.receive();                               // refused
  listener.accept();                              // refused
  listener.close();                               // refused
  all.join();                                     // refused
  all.join_for(1s);                               // refused
  event.wait();                                   // refused
  lull::timeout(1s, event.wait());                // refused
  lull::when_any(event.wait(), lull::sleep(1s));  // refused
  lull::when_all(event.wait(), lull::sleep(1s));  // refused
  lull::shield(event.wait());                     // refused
  lull::run_on(0, [] {});                         // refused
  lull::offload([] {});                           // refused
  lull::grace_period();                           // refused
  lull::connect(lull::address::loopback(1));      // refused
  lull::fs::unlink("name");                       // refused
  lull::fs::mkdir("name");                        // refused
  lull::fs::rename("name", "other");              // refused
  file.close();                                   // refused
  file.sync();                                    // refused
  process.wait();                                 // refused
  pipe.write_all("all");                          // refused
  datagrams.receive();                            // refused
  writer.write("some");                           // refused
  writer.flush();                                 // refused
  generator.next();                               // refused
  co_return;
}
