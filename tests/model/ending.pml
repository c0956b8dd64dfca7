/* SPDX-License-Identifier: MIT

A runtime ends when nothing runs any more on any core, and not before: see_everything_end in
sched/runtime_end.cpp. A task may start others, on its own core or, through run_on, on another one; it is
alive until that call has come back. The cores are asked to join what runs on them and how much was
ever started there, in rounds, until a round has the same sum as the one before. Those of a round are
asked at the same time: here in any order.
What was retired there counts as well, for a deleter may start something; here that is one more start.

Weakenings, each of which must be found: ROUNDS 1 (the first round is believed), UNCOUNTED (a round in
which every core was empty when it was asked is believed), UNJOINED (cores are asked what was started,
and not waited for), APART (something may start between the join and the count, which was so once). */

#ifndef ROUNDS
#define ROUNDS 0
#endif
#ifndef UNCOUNTED
#define UNCOUNTED 0
#endif
#ifndef UNJOINED
#define UNJOINED 0
#endif
#ifndef APART
#define APART 0
#endif
#ifndef STARTS
#define STARTS 3
#endif
#define CORES 3

byte alive[CORES];
byte started[CORES];
byte left = STARTS; /* tasks that may still be started */
bool ended = false;

proctype task(byte core)
{
  byte to;
  do
  :: break
  :: left > 0 ->
     atomic {
       if
       :: left > 0 -> left--
       :: else -> break
       fi
     };
     if
     :: to = 0
     :: to = 1
     :: to = 2
     fi;
     atomic {
       assert(!ended);
       alive[to]++;
       started[to]++;
       run task(to)
     }
  od;
  atomic {
    assert(!ended);
    alive[core]--
  }
}

bool asked[CORES];

init {
  byte before = 0, sum, round = 0, i, answers;
  atomic {
    alive[0] = 1;
    started[0] = 1;
    run task(0)
  };
  do
  :: sum = 1;
     d_step { answers = 0; asked[0] = false; asked[1] = false; asked[2] = false };
     do
     :: answers < CORES ->
        atomic {
          if
          :: !asked[0] -> i = 0
          :: !asked[1] -> i = 1
          :: !asked[2] -> i = 2
          fi;
          asked[i] = true
        };
#if UNJOINED
        sum = sum + started[i];
#elif APART
        alive[i] == 0;
        sum = sum + started[i];
#else
        d_step { alive[i] == 0; sum = sum + started[i] };
#endif
        answers++
     :: else -> break
     od;
     round++;
     if
     :: sum == before || round == ROUNDS || UNCOUNTED -> break
     :: else -> before = sum
     fi
  od;
  ended = true;
  i = 0;
  do
  :: i < CORES ->
     assert(alive[i] == 0);
     i++
  :: else -> break
  od
}
