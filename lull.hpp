// SPDX-License-Identifier: MIT
#pragma once

// The whole of lull in one include: every public header and nothing else. Each of them can be
// included by itself as well; <lull/reclaim/domain.hpp> and the tables need only liblull-reclaim.

#if __cplusplus < 202002L
#error "lull is written in C++20: compile with -std=c++20 or a later standard"
#endif

#include "io/address.hpp"
#include "io/connect.hpp"
#include "io/result.hpp"
#include "io/tcp_listener.hpp"
#include "io/tcp_stream.hpp"
#include "reclaim/domain.hpp"
#include "reclaim/hold.hpp"
#include "reclaim/participant.hpp"
#include "reclaim/pin.hpp"
#include "reclaim/rcu.hpp"
#include "reclaim/ref.hpp"
#include "reclaim/retirable.hpp"
#include "reclaim/retire.hpp"
#include "sched/async_generator.hpp"
#include "sched/channel.hpp"
#include "sched/condition.hpp"
#include "sched/core.hpp"
#include "sched/event.hpp"
#include "sched/grace_period.hpp"
#include "sched/latch.hpp"
#include "sched/mutex.hpp"
#include "sched/once.hpp"
#include "sched/phase_barrier.hpp"
#include "sched/queue.hpp"
#include "sched/run_on.hpp"
#include "sched/runtime.hpp"
#include "sched/scope.hpp"
#include "sched/select.hpp"
#include "sched/semaphore.hpp"
#include "sched/shared_mutex.hpp"
#include "sched/shield.hpp"
#include "sched/sleep.hpp"
#include "sched/task.hpp"
#include "sched/tasks.hpp"
#include "sched/timeout.hpp"
#include "sched/when_all.hpp"
#include "sched/when_any.hpp"
#include "sched/with_stop_token.hpp"
#include "tables/hash_table.hpp"
