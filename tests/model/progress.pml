/* SPDX-License-Identifier: MIT

Progress: whatever is retired is released in the end, though cores sleep, leave, and have nothing to
do. Sequential consistency and weak fairness; the orderings are the business of tests/litmus. The
steps are those of reclaim/epoch.cpp, participant.cpp and leave.cpp, with one object a limbo.

Core 0 retires one object. With LEAVE it leaves then; else it drives and sleeps, bounded while
something is in limbo, until nothing is left. Core 1 goes through quiescent states for ever, or at
any moment goes offline for good (not with STAYS); with IDLE it is offline from the start. Core 2 sleeps from the
start; with LEAVE 2 it is online, retires one object too and leaves.

Weakenings, each of which must be found: STUCK (who waits does not move an epoch that is complete),
BOUND 0 (a core sleeps unbounded with limbo), OFFLINE_LOOKS 0 (no look at the orphans on going
offline), ANNOUNCE_LOOKS 0 (none after announcing), NOTE 0 (one who leaves while another walks leaves
no note), HEED 0 (a member that walked ignores the note), AGAIN 0 (one who leaves ignores it). */

#ifndef LEAVE
#define LEAVE 0
#endif
#ifndef IDLE
#define IDLE 0
#endif
#ifndef STAYS
#define STAYS 0
#endif
#ifndef STUCK
#define STUCK 0
#endif
#ifndef BOUND
#define BOUND 1
#endif
#ifndef OFFLINE_LOOKS
#define OFFLINE_LOOKS 1
#endif
#ifndef ANNOUNCE_LOOKS
#define ANNOUNCE_LOOKS 1
#endif
#ifndef NOTE
#define NOTE 1
#endif
#ifndef HEED
#define HEED 1
#endif
#ifndef AGAIN
#define AGAIN 1
#endif

#define CORES 3
#define OBJECTS 2
#define NOBODY 7   /* not retired */
#define ORPHAN 8
#define RELEASED 9

byte epoch = 1, complete = 1, cursor = 0;
byte slot[CORES];            /* the epoch announced; 0: offline */
byte owner[OBJECTS] = NOBODY;
byte tag[OBJECTS];
mtype = { free, held, noted };
mtype walk = free;
mtype = { reached, blocked, busy, stepped };

#define is_orphan(o) (owner[o] == ORPHAN)
#define some_orphan (is_orphan(0) || is_orphan(1))
#define owns(c) (owner[0] == c || owner[1] == c)
#define wants(c, o) ((owner[o] == c && tag[o] + 1 > complete) -> tag[o] + 1 : 0)
#define more(a, b) ((a > b) -> a : b)
#define want_of(c) more(wants(c, 0), wants(c, 1))
#define behind(s, e) (s != 0 && s < e)

inline retire(c, o) { d_step { owner[o] = c; tag[o] = epoch } }

inline adopt(c) {
  d_step {
    if :: is_orphan(0) -> owner[0] = c :: else fi;
    if :: is_orphan(1) -> owner[1] = c :: else fi
  }
}

inline release(c) {
  d_step {
    if :: owner[0] == c && complete > tag[0] -> owner[0] = RELEASED :: else fi;
    if :: owner[1] == c && complete > tag[1] -> owner[1] = RELEASED :: else fi
  }
}

/* The walk, by one who has locked it. */
inline do_walk(want, e, outcome) {
  e = epoch;
  outcome = stepped;
  do
  :: complete == e -> break
  :: complete != e && behind(slot[cursor], e) -> outcome = blocked; break
  :: complete != e && !behind(slot[cursor], e) ->
       if
       :: cursor + 1 == CORES -> cursor = 0; complete = e
       :: else -> cursor++
       fi
  od;
  if
  :: complete == e && e < want && !(STUCK && outcome == stepped && want == e + 1) -> epoch = e + 1
  :: else -> if :: complete >= want -> outcome = reached :: else fi
  fi
}

inline unlock(asked) { d_step { asked = (walk == noted); walk = free } }

inline advance(want, e, outcome, asked) {
  asked = false;
  if
  :: complete >= want -> outcome = reached
  :: else ->
       if
       :: behind(slot[cursor], epoch) -> outcome = blocked
       :: else ->
            if
            :: d_step { walk == free -> walk = held } ->
                 do_walk(want, e, outcome);
                 unlock(asked)
            :: walk != free -> outcome = busy
            fi
       fi
  fi
}

inline advance_leaving(want, e, outcome, asked) {
  asked = false;
  if
  :: complete >= want -> outcome = reached
  :: else ->
       if
       :: behind(slot[cursor], epoch) -> outcome = blocked
       :: else ->
            if
            :: d_step { walk == free -> walk = held } ->
                 do_walk(want, e, outcome);
                 unlock(asked);
                 if
                 :: AGAIN && asked && outcome == blocked -> outcome = stepped
                 :: else
                 fi
            :: d_step { walk != free -> if :: NOTE -> walk = noted :: else fi } -> outcome = busy
            fi
       fi
  fi
}

inline turn(c, want, e, outcome, asked) {
  e = epoch;
  if
  :: slot[c] != e -> slot[c] = e; if :: ANNOUNCE_LOOKS -> adopt(c) :: else fi
  :: else
  fi;
  if
  :: owns(c) ->
       want = want_of(c);
       advance(want, e, outcome, asked);
       if :: HEED && asked -> adopt(c) :: else fi;
       release(c)
  :: else
  fi
}

inline come_online(c, e) {
  e = epoch;
  slot[c] = e;
  if :: epoch != e -> slot[c] = epoch; adopt(c) :: else fi
}

/* What it owns goes to the orphans, unless others have left something: that is looked at before.
And then: is anybody there? */
inline leave(c, want, e, outcome, asked) {
  do
  :: true ->
       slot[c] = 0;
       if
       :: some_orphan -> outcome = reached
       :: else ->
            want = want_of(c);
            d_step {
              if :: owner[0] == c -> owner[0] = ORPHAN :: else fi;
              if :: owner[1] == c -> owner[1] = ORPHAN :: else fi
            };
            outcome = stepped
       fi;
       do
       :: outcome == stepped && some_orphan -> advance_leaving(want, e, outcome, asked)
       :: outcome == stepped && !some_orphan -> outcome = busy; break
       :: outcome != stepped -> break
       od;
       if
       :: outcome == reached -> come_online(c, e); adopt(c); release(c)
       :: else -> break
       fi
  od
}

active proctype core0() {
  byte want, e;
  mtype outcome;
  bool asked;
  slot[0] = epoch;
  retire(0, 0);
#if LEAVE
  leave(0, want, e, outcome, asked)
#else
  do
  :: turn(0, want, e, outcome, asked);
     if
     :: !owns(0) || outcome == blocked || outcome == busy ->
          slot[0] = 0;                                   /* asleep */
          if :: OFFLINE_LOOKS -> adopt(0) :: else fi;
          if :: owns(0) && BOUND -> come_online(0, e)    /* the sleep was bounded */
             :: else -> break
          fi
     :: else
     fi
  od
#endif
}

active proctype core1() {
  byte want, e;
  mtype outcome;
  bool asked;
#if !IDLE
  come_online(1, e);
  do
  :: turn(1, want, e, outcome, asked)
  :: !STAYS && !owns(1) ->
       slot[1] = 0;
       if
       :: OFFLINE_LOOKS && some_orphan -> come_online(1, e); adopt(1)
       :: else -> break
       fi
  od
#endif
}

active proctype core2() {
#if LEAVE == 2
  byte want, e;
  mtype outcome;
  bool asked;
  come_online(2, e);
  retire(2, 1);
  leave(2, want, e, outcome, asked)
#else
  owner[1] = RELEASED
#endif
}

ltl everything_is_released { <> (owner[0] == RELEASED && owner[1] == RELEASED) }
