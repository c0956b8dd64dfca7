/* SPDX-License-Identifier: MIT

The domain with three participants that do what they like: read what is shared, pin, unlink and
retire, pass quiescent states, sleep, leave with limbo and join again. Sequential consistency: the
orderings are the business of tests/litmus. One step is one access to what is shared, as
reclaim/epoch.cpp, participant.cpp and leave.cpp have them.

Safety: no object is released that somebody may still use. What was found in an iteration or under
a pin is in use until the quiescent state after the pin has gone. And who finds a new epoch has no
pins left of the one before the last, so two counters suffice.

Progress (PROGRESS): at any moment the play may end. From then on nobody reads, retires, pins or
joins; pins are dropped, and each participant passes quiescent states for ever, sleeps or leaves.
When all are at rest (nobody has a step left that it must take and that changes anything), all that
was retired must have been released; and there must be no way round for ever, which is looked for as
a cycle without progress. A look that would change nothing is no step, so neither needs fairness.

What keeps it small:
- Only differences between epochs matter, and all are short. So the epoch is always NOW, and when it
  moves, all that was announced, seen and tagged becomes older by one. The play has no end.
- The uses of object 0 by one participant at a time are followed, whichever it is: nothing in the
  protocol depends on what is read. A released object is followed by a new one.
- Pins are taken and dropped at the end of an iteration: nothing looks at them before, and what they
  protect is in use until then anyway. Sleeping with pins is no step, for the slot stays as it is.
- Who has limbo may walk and release at any time, not only in a quiescent state.

RETIRERS, PINNERS, SLEEPERS and LEAVERS are who may, as bits; READERS whose uses are followed;
OBJECTS how many may be in limbo at a time; JOINS 0: who has left stays away.

What can be weakened is defined below; with each but MOVED_LOOKS the model must fail. A look at the
orphans is needed after an announcement, and at a new epoch only because it mostly is one. */

#ifndef OBJECTS
#define OBJECTS 2
#endif
#ifndef RETIRERS
#define RETIRERS 7
#endif
#ifndef PINNERS
#define PINNERS 7
#endif
#ifndef SLEEPERS
#define SLEEPERS 7
#endif
#ifndef LEAVERS
#define LEAVERS 7
#endif
#ifndef READERS
#define READERS 7
#endif
#ifndef JOINS
#define JOINS 1
#endif
#ifndef PROGRESS
#define PROGRESS 0
#endif

#ifndef EARLY              /* 1: a batch is due one epoch early */
#define EARLY 0
#endif
#ifndef DESPITE            /* 1: announces in spite of a pin */
#define DESPITE 0
#endif
#ifndef AT_DROP            /* 1: announces at the moment that the pin drops */
#define AT_DROP 0
#endif
#ifndef PINNED_OFFLINE     /* 1: goes offline with pins */
#define PINNED_OFFLINE 0
#endif
#ifndef INHERIT            /* 1: a pin is taken to protect what an older pin protects */
#define INHERIT 0
#endif
#ifndef RECHECK            /* 0: no second look on coming online */
#define RECHECK 1
#endif
#ifndef MOVED_LOOKS        /* 0: no look at the orphans at the first quiescent state of an epoch */
#define MOVED_LOOKS 1
#endif
#ifndef LATE_LOOKS         /* 0: no look at the orphans because of an announcement */
#define LATE_LOOKS 1
#endif
#ifndef LATE_RUNS          /* 0: a dropped pin does not make the next quiescent state run in full */
#define LATE_RUNS 1
#endif
#ifndef OFFLINE_LOOKS      /* 0: no look at the orphans on going offline */
#define OFFLINE_LOOKS 1
#endif
#ifndef DRIVES             /* 0: sleeps though it could do something for its limbo */
#define DRIVES 1
#endif
#ifndef LEAVER_MOVES       /* 0: one who leaves does not move the epoch itself */
#define LEAVER_MOVES 1
#endif
#ifndef NOTE               /* 0: one who leaves while another walks leaves no note */
#define NOTE 1
#endif

#define N 3
#define NOW 3              /* the epoch; 2: the one before, 1: any older one, 4: the next one */
#define OFF 0
#define OPEN 0             /* the tag of a batch that is not closed */
#define older(epoch_number) epoch_number = (epoch_number > 1 -> epoch_number - 1 : epoch_number)

#define NOBODY 3
#define LINKED 3           /* not retired; below: the participant that has it in its limbo */
#define ORPHAN 4
#define LAST (OBJECTS - 1)

#define may(who) ((who >> _pid) & 1)

mtype:walk_word = { free, held, noted };

byte complete = NOW, cursor = 0;
mtype:walk_word walk = free;
byte slot[N], seen[N], want[N], peeked[N];   /* the last two: of one who leaves */
bool current[N], previous[N];            /* pins, one of each is enough */
byte owner[OBJECTS] = LINKED, tag[OBJECTS];
#if PROGRESS
bool quiet;                              /* the play is over */
#else
#define quiet false
#endif

byte reader = NOBODY;                    /* who uses object 0: */
bool used_now, used_current, used_previous;   /* in this iteration, under which pins */

#define behind(s) (s != OFF && s < NOW)

#if OBJECTS == 1
#define any(property, c) (property(c, 0))
#define each(action) action(0)
#else
#define any(property, c) (property(c, 0) || property(c, 1))
#define each(action) action(0); action(1)
#endif
#define has(c, o) (owner[o] == c)
#define has_open(c, o) (owner[o] == c && tag[o] == OPEN)
#define has_due(c, o) (owner[o] == c && tag[o] != OPEN && complete + EARLY > tag[o])
#define has_of_now(c, o) (owner[o] == c && tag[o] == NOW)
#define has_older(c, o) (owner[o] == c && tag[o] + 1 == NOW)
#define retired(c, o) (owner[o] != LINKED)

#define owns(c) any(has, c)
#define fresh(c) any(has_open, c)
#define some_orphan any(has, ORPHAN)
/* What complete has to come to; 0: all is due. */
#define wanted(c) (any(has_of_now, c) -> NOW + 1 : (any(has_older, c) -> NOW : 0))

/* Whether a participant can do something for its limbo, and whether a quiescent state would change
   anything else. */
#define can_walk(c) (complete < wanted(c) && walk == free && !behind(slot[cursor]))
#define can_help(c) (any(has_due, c) || can_walk(c))
#define late(c) (slot[c] != seen[c] && (!previous[c] || DESPITE))
#define late_runs(c) (late(c) && (LATE_RUNS || looks || fresh(c) || owns(c)))
#define useful(c) \
  (seen[c] != NOW || current[c] || previous[c] || fresh(c) || (reader == c && used_now) || \
   (late(c) && (LATE_RUNS || owns(c))))

inline close_one(o) { if :: has_open(_pid, o) -> tag[o] = NOW :: else fi }
inline close_batch() { d_step { each(close_one) } }

inline adopt_one(o) { if :: has(ORPHAN, o) -> owner[o] = _pid :: else fi }
inline adopt() { d_step { each(adopt_one) } }

inline release_one(o) {
  if
  :: has_due(_pid, o) ->
       assert(o != 0 || !(used_now || used_current || used_previous));
       owner[o] = LINKED; tag[o] = OPEN
  :: else
  fi
}
inline release() { d_step { each(release_one) } }

inline age_tag(o) { older(tag[o]) }
inline move_on() {
  d_step {
    older(complete);
    older(slot[0]); older(slot[1]); older(slot[2]);
    older(seen[0]); older(seen[1]); older(seen[2]);
    older(peeked[0]); older(peeked[1]); older(peeked[2]);
    older(want[0]); older(want[1]); older(want[2]);
    each(age_tag)
  }
}

inline go_offline() { slot[_pid] = OFF; seen[_pid] = OFF }

inline end_uses() {
  if
  :: reader == _pid ->
       used_now = false;
       if :: !used_current && !used_previous -> reader = NOBODY :: else fi
  :: else
  fi
}

inline drop_current() {
  current[_pid] = false;
  if :: reader == _pid -> used_current = false :: else fi
}

inline drop_previous() {
  previous[_pid] = false;
  if :: reader == _pid -> used_previous = false :: else fi
}

inline drop_pins() { drop_current(); drop_previous() }

/* At the end of an iteration. */
inline take_and_drop_pins() {
  if
  :: may(PINNERS) && !quiet && !current[_pid] ->
       current[_pid] = true;
       if
       :: reader == _pid -> used_current = used_now || (INHERIT && used_previous)
       :: else
       fi
  :: current[_pid] -> drop_current()
  :: !(quiet && current[_pid])
  fi;
  if
  :: previous[_pid] -> drop_previous()
  :: !(quiet && previous[_pid])
  fi
}

inline see_epoch() {
  if
  :: seen[_pid] != NOW ->
       assert(!previous[_pid]);
       previous[_pid] = current[_pid];
       current[_pid] = false;
       if :: reader == _pid -> used_previous = used_current; used_current = false :: else fi;
       seen[_pid] = NOW;
       looks = MOVED_LOOKS
  :: else
  fi
}

active [N] proctype participant() {
  bool asked, looks, leaving, blocked, left;

end_outside:
  atomic { !quiet && !left -> seen[_pid] = NOW };

online:
  slot[_pid] = seen[_pid];
  atomic {
    if
    :: RECHECK && seen[_pid] != NOW -> seen[_pid] = NOW; looks = true
    :: else -> goto is_online
    fi
  };
  slot[_pid] = seen[_pid];
is_online:
  atomic {
    if :: looks -> looks = false; adopt() :: else fi;
    if :: leaving -> goto take_back :: else fi
  };

end_spinning:
  do
  :: d_step { /* read */
       !quiet && may(READERS) && (reader == _pid || reader == NOBODY) && !used_now &&
       owner[0] == LINKED ->
         reader = _pid; used_now = true;
         used_current = current[_pid]; used_previous = previous[_pid] }
  :: d_step { /* unlink and retire */
       !quiet && may(RETIRERS) && owner[0] == LINKED -> owner[0] = _pid }
#if OBJECTS > 1
  :: d_step { !quiet && may(RETIRERS) && owner[1] == LINKED -> owner[1] = _pid }
#endif
#if AT_DROP
  :: d_step {
       !quiet && previous[_pid] ->
         previous[_pid] = false; slot[_pid] = seen[_pid];
         if :: reader == _pid && used_previous -> used_previous = false; used_now = true
            :: else
         fi }
#endif
  :: atomic { /* quiescent state */
       !quiet || useful(_pid) ->
         take_and_drop_pins(); end_uses(); see_epoch();
         if
         :: late_runs(_pid) -> goto announce
         :: !late_runs(_pid) && fresh(_pid) -> goto close
         :: !late_runs(_pid) && !fresh(_pid) && looks -> goto look
         :: else
         fi }
  :: d_step { any(has_due, _pid) -> release() }
  :: atomic { can_walk(_pid) -> walk = held; goto walking }
  :: atomic { /* sleep */
       may(SLEEPERS) && (!quiet || !owns(_pid) || !can_help(_pid) || !DRIVES) ->
         if :: !PINNED_OFFLINE -> drop_pins() :: else fi;
         end_uses(); go_offline();
         if :: fresh(_pid) -> goto close_asleep :: else -> goto look_asleep fi }
  :: atomic { /* leave */
       may(LEAVERS) ->
         drop_pins(); end_uses(); leaving = true;
         if :: fresh(_pid) -> goto close_leaving :: else -> goto leave_slot fi }
  od;

announce:
  atomic {
    slot[_pid] = seen[_pid];
    looks = looks || LATE_LOOKS;
    if
    :: fresh(_pid) -> goto close
    :: !fresh(_pid) && looks -> goto look
    :: else -> goto end_spinning
    fi
  };
close:
  atomic { close_batch(); if :: looks -> goto look :: else -> goto end_spinning fi };
look:
  atomic { adopt(); looks = false; goto end_spinning };

close_asleep:
  close_batch();
look_asleep:
  atomic {
    if
    :: OFFLINE_LOOKS && some_orphan -> looks = true; seen[_pid] = NOW; goto online
    :: else
    fi
  };
end_asleep:
  atomic {
    if
    :: !quiet || (owns(_pid) && can_help(_pid)) -> seen[_pid] = NOW; goto online
    :: may(LEAVERS) -> leaving = true; goto leave_slot
    fi
  };

/* The walk: the epoch and complete change by the hand of who has locked it alone. */
walking:
  atomic {
    if
    :: complete == NOW -> goto walked
    :: complete != NOW && behind(slot[cursor]) -> blocked = leaving; goto unlock
    :: complete != NOW && !behind(slot[cursor]) && cursor < N - 1 -> cursor++; goto walking
    :: complete != NOW && !behind(slot[cursor]) && cursor == N - 1 -> cursor = 0
    fi
  };
  complete = NOW;
walked:
  atomic {
    if
    :: (leaving -> want[_pid] : wanted(_pid)) > NOW ->
         if :: leaving && !LEAVER_MOVES -> blocked = true :: else -> move_on() fi
    :: else -> goto unlock
    fi
  };
unlock:
  atomic {
    asked = (walk == noted); walk = free;
    if
    :: leaving && blocked && complete < want[_pid] && !asked -> blocked = false; goto gone
    :: leaving && !(blocked && complete < want[_pid] && !asked) ->
         blocked = false; asked = false; goto finish
    :: !leaving && asked -> asked = false; goto look
    :: !leaving && !asked -> goto end_spinning
    fi
  };

close_leaving:
  close_batch();
leave_slot:
  atomic { go_offline() };
  atomic { if :: some_orphan -> goto back :: else fi };
  atomic { want[_pid] = wanted(_pid); if :: owns(_pid) :: else -> goto finish fi };
push_next:
  atomic {
    if
    :: has(_pid, 0) -> owner[0] = ORPHAN
    :: !has(_pid, 0) && has(_pid, LAST) -> owner[LAST] = ORPHAN
    fi;
    if :: owns(_pid) -> goto push_next :: else fi
  };
finish:
  atomic { if :: some_orphan :: else -> goto gone fi };
  atomic { if :: complete >= want[_pid] -> goto back :: else -> peeked[_pid] = slot[cursor] fi };
  atomic {
    if
    :: behind(peeked[_pid]) -> goto gone
    :: else -> peeked[_pid] = OFF
    fi
  };
  atomic {
    if
    :: walk == free -> walk = held; goto walking
    :: else -> if :: NOTE -> walk = noted :: else fi; goto gone
    fi
  };
back:
  atomic { want[_pid] = 0; seen[_pid] = NOW; goto online };
take_back:
  atomic { adopt(); if :: owns(_pid) :: else -> goto leave_slot fi };
  atomic { release(); goto leave_slot };
gone:
  atomic { want[_pid] = 0; peeked[_pid] = OFF; leaving = false; left = !JOINS; goto end_outside }
}

#if PROGRESS
#define at_rest(c) \
  (participant[c]@end_outside || (participant[c]@end_asleep && !(owns(c) && can_help(c))) || \
   (participant[c]@end_spinning && !useful(c) && !(owns(c) && can_help(c))))

active proctype end_of_play() {
progress:
  quiet = true;
end_rest:
  atomic { at_rest(0) && at_rest(1) && at_rest(2) -> assert(!any(retired, _pid)) }
}
#endif
