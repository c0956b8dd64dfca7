// SPDX-License-Identifier: MIT
#include "receive_datagram.hpp"

#include <algorithm>
#include <cstring>

namespace lull::detail {

void receive_datagram_into::prepare(submission entry) noexcept {
  part_ = {into_.data(), into_.size()};
  message_.msg_name = name_;
  message_.msg_namelen = sizeof(name_);
  message_.msg_control = control_;
  message_.msg_controllen = sizeof(control_);
  message_.msg_iov = &part_;
  message_.msg_iovlen = 1;
  entry.receive_message(socket_.descriptor(), &message_, MSG_TRUNC);
}

result<datagram_facts> receive_datagram_into::await_resume() noexcept {
  if (came_by_pieces()) {
    if (const int code = end_of_news()) return failed(code);
    piece& oldest = socket_.pop();
    const received whole(socket_.pool(), oldest);
    socket_.pool().recycle(oldest);
    datagram_facts facts = facts_of(datagram_state::view(whole));
    facts.size = std::min(facts.size, into_.size());
    if (facts.size != 0) {
      std::memcpy(into_.data(), whole.bytes().data() + datagram_state::offset, facts.size);
    }
    return facts;
  }
  const std::int32_t bytes = end_reading();
  if (bytes < 0) return failed(-bytes);
  const std::size_t sent_size = static_cast<std::size_t>(bytes);
  message_view message;
  message.name = std::span(name_).first(std::min<std::size_t>(message_.msg_namelen, sizeof(name_)));
  message.control = std::span(control_).first(message_.msg_controllen);
  message.size = std::min(sent_size, into_.size());
  message.sent_size = sent_size;
  return facts_of(message);
}

}  // namespace lull::detail
