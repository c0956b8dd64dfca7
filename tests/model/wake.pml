/* SPDX-License-Identifier: MIT

No wake-up is lost: whatever is sent to a core is taken by it, though it sleeps whenever it finds
nothing. Sequential consistency and weak fairness; the orderings are the business of tests/litmus
(the program `inbox`). The steps are those of sched/inbox.hpp, core.cpp and core_messages.cpp.

Core 0 receives: it takes its inbox, reaps what the kernel has for it, and then comes back at once or
goes to sleep. Core 1 sends and wakes by a ring message, which the kernel may refuse: it learns of that
later and signals the event descriptor instead. Thread 2, which is no core, wakes by the descriptor.
The receiver always has a read of the descriptor in flight, and makes another when one has ended.

Weakenings, each of which must be found: LOOK 0 (no look at the inbox between the flag and the sleep),
LATE_FLAG (the look comes before the flag), EARLY_LOOK (a sender looks at the flag before it pushes),
SILENT (a refused ring message is let be), REARM 0 (the descriptor is read once and not again). */

#ifndef LOOK
#define LOOK 1
#endif
#ifndef LATE_FLAG
#define LATE_FLAG 0
#endif
#ifndef EARLY_LOOK
#define EARLY_LOOK 0
#endif
#ifndef SILENT
#define SILENT 0
#endif
#ifndef REARM
#define REARM 1
#endif
#ifndef EACH
#define EACH 3
#endif
#define ALL (2 * EACH)

byte box = 0, got = 0;
bool asleep = false;
bool rung = false;      /* a ring message has arrived */
bool signalled = false; /* the descriptor can be read */
bool reading = true;    /* a read of it is in flight */

#define something_came (rung || (reading && signalled))

inline take()
{
  d_step { got = got + box; box = 0 }
}

inline reap()
{
  d_step {
    rung = false;
    if
    :: reading && signalled -> signalled = false; reading = false
    :: else
    fi
  }
#if REARM
  reading = true
#endif
}

active proctype receiver()
{
  bool vacant;
  do
  :: take();
     if
     :: skip                       /* it polls, and comes back */
     ::
#if LATE_FLAG
        vacant = (box == 0);
        asleep = true;
#else
        asleep = true;
        vacant = (!LOOK || box == 0);
#endif
        if
        :: vacant -> something_came /* blocked in the kernel */
        :: else
        fi;
        asleep = false
     fi;
     reap()
  od
}

/* True in `wakes`: it sleeps, and this sender is the one to wake it. */
inline send(wakes)
{
#if EARLY_LOOK
  d_step { wakes = asleep; asleep = false };
  box++
#else
  box++;
  if
  :: asleep -> d_step { wakes = asleep; asleep = false }
  :: else -> wakes = false
  fi
#endif
}

active proctype core()
{
  byte left = EACH;
  bool wakes;
  do
  :: left > 0 ->
     left--;
     send(wakes);
     if
     :: wakes ->
        if
        :: rung = true
        :: skip; /* refused */
#if !SILENT
           signalled = true
#endif
        fi
     :: else
     fi
  :: else -> break
  od
}

active proctype thread()
{
  byte left = EACH;
  bool wakes;
  do
  :: left > 0 ->
     left--;
     send(wakes);
     if
     :: wakes -> signalled = true
     :: else
     fi
  :: else -> break
  od
}

ltl all_arrives { <> (got == ALL) }
