// SPDX-License-Identifier: MIT
// expect: the handler of a service is called with the stream that was accepted, by value, and a
// expect: the handler of a service gives a lull::task<>; a result, which may be an error, would be
#include <lull/lull.hpp>

lull::task<> keeps_no_stream(lull::tcp_stream& peer, lull::session& session);
lull::task<bool> loses_errors(lull::tcp_stream peer, lull::session& session);

lull::task<> serve_wrongly(lull::tcp_listener& listener) {
  (void)co_await lull::serve(listener, keeps_no_stream);
  (void)co_await lull::serve(listener, loses_errors);
}
