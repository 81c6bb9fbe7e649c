/* Loading, cancel, time-out and battle start: the scripts of lua/ under every order of events.
 *
 * State is what stands in Redis. Every script is one d_step, written line by line after its file, because Redis
 * runs it as one step. Around it everything is free: a request that was once published is executed by the intake
 * late, again and again, or never; a matchmaker commits what it saw long ago, and both hold the lock at once; a
 * deadline or a queue lease ends at any instant; a host that was asked once reports never, once, or often, a
 * result, a failure or a damaged player, and may do so long after others were asked.
 *
 * before() remembers the state, after() judges the step: a refused one changed nothing, an accepted one made
 * only the moves that its script may make, for the player it may make them for. What must hold in between is in
 * invariants(). What always comes in the end is in the LTL formulas below.
 *
 * Two things are folded to keep the space small. A version is only ever compared for equality and never comes
 * back, so a matchmaker remembers whether the version it saw is still that of Redis. What a match_server reads
 * of a match before it calls a script never changes (its members), or is free here (the next host).
 *
 * PLAYERS 2 or 3; MATCHES how many are made at most; FIRST, SECOND how many requests the first and the second
 * login of a player publish (the second one's first request is resume); LOADS 0: a mode without loading. PARTY 1:
 * the first two players are a party, either of whom may ask for both, and a match takes all three (how many stand on
 * the other side makes no difference to anybody's moves). */

#ifndef PLAYERS
#define PLAYERS 2
#endif
#ifndef MATCHES
#define MATCHES 2
#endif
#ifndef FIRST
#define FIRST 4
#endif
#ifndef SECOND
#define SECOND 0
#endif
#ifndef LOADS
#define LOADS 1
#endif
#ifndef PARTY
#define PARTY 0
#endif
#ifndef FORGET
#define FORGET 0
#endif
#define ATTEMPTS_MAX 2
#define REQUESTS (FIRST + SECOND)
#define MATCHMAKERS 2

/* Of players and matches; 0 is "not stored". */
mtype = { lobby, queued, loading, battling, result, ready, finished, cancelled, timed_out };
/* Scripts; those of requests are also what a request asks for. */
mtype = { enqueue, dequeue, resume, loading_complete, loading_cancel, result_ack, commit, reap, expire, report };
/* Replies. */
mtype = { OK, READY, FAILED, FENCED, DUP, BUSY, LATE, NO, CONFLICT, EARLY, STALE };
/* Deadline of a match; 0 is "not in match:deadlines". */
mtype = { running, due };

/* ---- what stands in Redis ------------------------------------------------------------------------- */

mtype st[PLAYERS];          /* metadata:<player> */
byte ce[PLAYERS];
byte rq[PLAYERS];
byte q[PLAYERS];
byte mid[PLAYERS];
byte score[PLAYERS];        /* queue:<mode>; 0: not in it */
bit lease[PLAYERS];         /* queue:leases */

mtype match[MATCHES + 1];   /* match:<match>, status; no match has number 0 */
byte members[MATCHES + 1];
byte marks[MATCHES + 1];    /* r:<player> */
byte attempts[MATCHES + 1];
mtype deadline[MATCHES + 1]; /* match:deadlines */

/* ---- what is on its way, or in the memory of a process ------------------------------------------------ */

mtype asked[PLAYERS * REQUESTS]; /* requests ever published: of the first login, then of the second */
byte asked_mid[PLAYERS * REQUESTS];
byte logins[PLAYERS];            /* after the first */
bit host_asked[MATCHES + 1];     /* some host has been asked to compute it */
byte pair[MATCHMAKERS];          /* players a matchmaker is about to commit */
byte fresh[MATCHMAKERS];         /* of these, whose version is still the one it saw */

/* ---- what the judge knows ------------------------------------------------------------------------------ */

byte effect[PLAYERS];             /* the newest request that took effect, as (login, number) */
byte place[PLAYERS];              /* the place the player got when he asked to be queued */
bit told_ready[MATCHES + 1];      /* loading_complete has answered READY */
bit accepted[MATCHES + 1];        /* a result has been accepted */
hidden mtype status;
hidden byte i;
hidden byte k;
hidden byte moved;
hidden mtype old_st[PLAYERS];
hidden byte old_ce[PLAYERS];
hidden byte old_rq[PLAYERS];
hidden byte old_q[PLAYERS];
hidden byte old_mid[PLAYERS];
hidden byte old_score[PLAYERS];
hidden byte old_lease[PLAYERS];
hidden mtype old_match[MATCHES + 1];
hidden byte old_marks[MATCHES + 1];
hidden byte old_attempts[MATCHES + 1];
hidden mtype old_deadline[MATCHES + 1];

#define BIT(p) (1 << (p))
#define NOW 3 /* a place in the queue that is later than any that was given: these are 1 and 2 in turn */
#define ACTIVE(m) (match[m] == loading || match[m] == ready || match[m] == battling)
#define IN_MATCH(p) (st[p] == loading || st[p] == battling)
#define HAS_MATE(p) (PARTY && (p) < 2)
#define MATE(p) (1 - (p)) /* of who has one */
#define OF_ONE_PARTY(p, other) ((p) == (other) || (HAS_MATE(p) && MATE(p) == (other)))
#define HAS_LOADED(m, p) ((marks[m] & BIT(p)) && (!HAS_MATE(p) || (marks[m] & BIT(MATE(p))))) /* with his mate */
#define ORDER(l, n) ((l) * 8 + (n))
#define REQUEST(p, l, n) ((p) * REQUESTS + ((l) - 1) * FIRST + (n) - 1)

inline before()
{
    for (i : 0 .. PLAYERS - 1) {
        old_st[i] = st[i]; old_ce[i] = ce[i]; old_rq[i] = rq[i]; old_q[i] = q[i]; old_mid[i] = mid[i];
        old_score[i] = score[i]; old_lease[i] = lease[i];
    }
    for (i : 1 .. MATCHES) {
        old_match[i] = match[i]; old_marks[i] = marks[i]; old_attempts[i] = attempts[i];
        old_deadline[i] = deadline[i];
    }
}

inline nothing_changed()
{
    for (i : 0 .. PLAYERS - 1) {
        assert(old_st[i] == st[i] && old_ce[i] == ce[i] && old_rq[i] == rq[i] && old_q[i] == q[i]);
        assert(old_mid[i] == mid[i] && old_score[i] == score[i] && old_lease[i] == lease[i]);
    }
    for (i : 1 .. MATCHES) {
        assert(old_match[i] == match[i] && old_marks[i] == marks[i] && old_attempts[i] == attempts[i]);
        assert(old_deadline[i] == deadline[i]);
    }
}

/* A player's move: by which script, and whose doing it must have been: his, or his mate's. A player that did his part
 * is never sent to the lobby, unless with his mate: he goes back into the queue. */
inline player_moved(script, actor)
{
    if
    :: (old_st[i] == 0 || old_st[i] == lobby) && st[i] == queued ->
        assert(script == enqueue && OF_ONE_PARTY(i, actor) && score[i] != place[i] && score[i] != NOW);
        place[i] = score[i]
    :: old_st[i] == 0 && st[i] == lobby -> assert(script == resume && actor == i)
    :: old_st[i] == queued && st[i] == lobby ->
        assert((script == dequeue || script == expire) && OF_ONE_PARTY(i, actor))
    :: old_st[i] == queued && st[i] == loading -> assert(script == commit && LOADS)
    :: old_st[i] == queued && st[i] == battling -> assert(script == commit && !LOADS)
    :: old_st[i] == loading && st[i] == battling -> assert(script == loading_complete && status == READY)
    :: old_st[i] == loading && st[i] == queued ->
        assert((script == loading_cancel && !OF_ONE_PARTY(i, actor)) || (script == reap && HAS_LOADED(mid[i], i)))
    :: old_st[i] == loading && st[i] == lobby ->
        assert((script == loading_cancel && OF_ONE_PARTY(i, actor)) || (script == reap && !HAS_LOADED(mid[i], i)))
    :: old_st[i] == battling && st[i] == queued ->
        assert((script == reap && match[mid[i]] == cancelled) || (script == report && !OF_ONE_PARTY(i, actor)))
    :: old_st[i] == battling && st[i] == lobby -> assert(script == report && OF_ONE_PARTY(i, actor))
    :: old_st[i] == battling && st[i] == result -> assert(script == report && match[mid[i]] == finished)
    :: old_st[i] == result && st[i] == lobby -> assert(script == result_ack && actor == i)
    :: else -> assert(old_st[i] == st[i])
    fi
}

/* A match ends once: nothing leads out of finished, cancelled and timed_out. */
inline match_moved(script)
{
    if
    :: old_match[i] == 0 && ACTIVE(i) -> assert(script == commit)
    :: old_match[i] == loading && (match[i] == ready || match[i] == battling) ->
        assert(script == loading_complete && status == READY)
    :: old_match[i] == loading && match[i] == cancelled -> assert(script == loading_cancel)
    :: old_match[i] == loading && match[i] == timed_out -> assert(script == reap)
    :: (old_match[i] == ready || old_match[i] == battling) && ACTIVE(i) && match[i] != loading ->
        assert(old_attempts[i] == attempts[i] || script == reap)
    :: (old_match[i] == ready || old_match[i] == battling) && match[i] == cancelled ->
        assert(script == reap || script == report)
    :: (old_match[i] == ready || old_match[i] == battling) && match[i] == finished ->
        assert(script == report && !accepted[i]);
        accepted[i] = 1
    :: else -> assert(old_match[i] == match[i])
    fi
}

/* A player is in one place only, and everything that says where he is says the same. */
inline invariants()
{
    for (i : 0 .. PLAYERS - 1) {
        assert((score[i] != 0) == (st[i] == queued) && lease[i] == (st[i] == queued));
        assert(st[i] != queued || (score[i] == place[i] && q[i] == place[i]));
        assert(ORDER(ce[i], rq[i]) == effect[i] || effect[i] == 0);
        moved = 0; /* already in an active match */
        for (k : 1 .. MATCHES) {
            if
            :: ACTIVE(k) && (members[k] & BIT(i)) ->
                assert(!moved && mid[i] == k && st[i] == (match[k] == loading -> loading : battling));
                moved = 1
            :: else
            fi
        }
        assert(moved == IN_MATCH(i));
        assert(st[i] != result || match[mid[i]] == finished)
    }
    for (i : 1 .. MATCHES) {
        assert((deadline[i] != 0) == ACTIVE(i))
    }
    assert(!PARTY || ((st[0] == queued) == (st[1] == queued) && IN_MATCH(0) == IN_MATCH(1)));
    assert(!PARTY || !IN_MATCH(0) || mid[0] == mid[1])
}

inline after(script, actor)
{
    if
    :: status == OK || status == READY || status == FAILED ->
        for (i : 0 .. PLAYERS - 1) { player_moved(script, actor) }
        for (i : 1 .. MATCHES) { match_moved(script) }
        invariants()
    :: else -> nothing_changed()
    fi
}

/* A request takes effect at most once, and never after one of a newer login or with a higher number. */
inline took_effect(p, l, n)
{
    assert(ORDER(l, n) > effect[p]);
    effect[p] = ORDER(l, n)
}

/* What can only be refused from now on need not be tried (FORGET): the first run shows that it is. */
inline forget(p, l, n)
{
    if
    :: FORGET && (status == OK || status == READY) ->
        for (i : REQUEST(p, 1, 1) .. REQUEST(p, l, n)) { asked[i] = OK; asked_mid[i] = 0 }
    :: else
    fi
}

/* ---- lua/_prelude.lua -------------------------------------------------------------------------------- */

/* A new version: whatever a matchmaker saw of this player is old now. */
inline change(p)
{
    fresh[0] = fresh[0] & ~BIT(p);
    fresh[1] = fresh[1] & ~BIT(p)
}

inline refusal(p, l, n)
{
    if
    :: l < ce[p] -> status = FENCED
    :: l == ce[p] && n <= rq[p] -> status = DUP
    :: else -> status = OK
    fi
}

inline route(p, l, n)
{
    ce[p] = l; rq[p] = n;
    took_effect(p, l, n)
}

inline to_lobby(p)
{
    change(p);
    st[p] = lobby
}

inline requeue(p)
{
    change(p);
    st[p] = queued;
    score[p] = q[p];
    lease[p] = 1
}

inline leave_queue(p)
{
    score[p] = 0; /* ZREM queue */
    lease[p] = 0; /* ZREM queue:leases */
    to_lobby(p)
}

inline leave_with_mate(p)
{
    leave_queue(p);
    if
    :: HAS_MATE(p) -> leave_queue(MATE(p))
    :: else
    fi
}

inline close_match(m, end)
{
    match[m] = end;
    deadline[m] = 0
}

/* ---- the scripts of requests -------------------------------------------------------------------------- */

inline enqueued(who)
{
    change(who);
    st[who] = queued;
    q[who] = (place[p] == 1 -> 2 : 1);
    mid[who] = 0;
    score[who] = q[who];
    lease[who] = 1
}

/* lua/enqueue.lua */
inline do_enqueue(p, l, n)
{
    refusal(p, l, n);
    if
    :: status == OK && st[p] != 0 && st[p] != lobby -> status = BUSY
    :: else
    fi;
    if
    :: status == OK && HAS_MATE(p) && st[MATE(p)] != 0 && st[MATE(p)] != lobby -> status = BUSY /* MATE_BUSY */
    :: else
    fi;
    if
    :: status == OK && HAS_MATE(p) ->
        enqueued(MATE(p));
        ce[MATE(p)] = l /* all are of one login here; the number of his last request stays */
    :: else
    fi;
    if
    :: status == OK -> enqueued(p); route(p, l, n)
    :: else
    fi
}

/* lua/dequeue.lua */
inline do_dequeue(p, l, n)
{
    refusal(p, l, n);
    if
    :: status == OK && st[p] != queued -> status = LATE
    :: else
    fi;
    if
    :: status == OK -> leave_with_mate(p); route(p, l, n)
    :: else
    fi
}

/* lua/resume.lua */
inline do_resume(p, l, n)
{
    refusal(p, l, n);
    if
    :: status == OK ->
        change(p);
        route(p, l, n);
        if
        :: st[p] == queued -> lease[p] = 1
        :: st[p] == 0 -> st[p] = lobby
        :: else
        fi
    :: else
    fi
}

/* lua/loading_complete.lua */
inline do_complete(p, l, n, m)
{
    refusal(p, l, n);
    if
    :: status == OK && (match[m] != loading || mid[p] != m || st[p] != loading
        || deadline[m] != running) -> status = NO
    :: else
    fi;
    if
    :: status == OK ->
        marks[m] = marks[m] | BIT(p);
        for (k : 0 .. PLAYERS - 1) {
            if
            :: k == p -> change(k); route(p, l, n)
            :: k != p && (members[m] & BIT(k)) && mid[k] == m -> change(k)
            :: else
            fi;
            if
            :: (members[m] & BIT(k)) && marks[m] == members[m] && mid[k] == m -> st[k] = battling
            :: else
            fi
        }
        if
        :: marks[m] == members[m] ->
            status = READY;
            assert(!told_ready[m]);
            told_ready[m] = 1;
            match[m] = next_status;
            deadline[m] = running;
            host_asked[m] = host_asked[m] || next_status == battling
        :: else
        fi
    :: else
    fi
}

/* lua/loading_cancel.lua */
inline do_cancel(p, l, n, m)
{
    refusal(p, l, n);
    if
    :: status == OK && (match[m] != loading || mid[p] != m || st[p] != loading) -> status = NO
    :: else
    fi;
    if
    :: status == OK ->
        close_match(m, cancelled);
        for (k : 0 .. PLAYERS - 1) {
            if
            :: k == p -> to_lobby(k); route(p, l, n)
            :: k != p && OF_ONE_PARTY(k, p) && mid[k] == m -> to_lobby(k)
            :: !OF_ONE_PARTY(k, p) && (members[m] & BIT(k)) && mid[k] == m -> requeue(k)
            :: else
            fi
        }
    :: else
    fi
}

/* lua/result_ack.lua */
inline do_result_ack(p, l, n, m)
{
    refusal(p, l, n);
    if
    :: status == OK && (st[p] != result || mid[p] != m) -> status = NO
    :: else
    fi;
    if
    :: status == OK -> to_lobby(p); route(p, l, n)
    :: else
    fi
}

/* ---- the other scripts ---------------------------------------------------------------------------------- */

/* lua/commit.lua, one match. That a waiter is unreadable (POISONED) cannot happen here: invariants()
 * says that who is in the queue is queued. */
inline do_commit(w)
{
    status = OK;
    for (k : 0 .. PLAYERS - 1) {
        if
        :: (pair[w] & BIT(k)) && (st[k] != queued || !(fresh[w] & BIT(k))) -> status = CONFLICT
        :: (pair[w] & BIT(k)) && HAS_MATE(k) && !(pair[w] & BIT(MATE(k))) -> status = CONFLICT
        :: else
        fi
    }
    if
    :: status == OK ->
        m = 1;
        do
        :: match[m] != 0 -> m++
        :: else -> break
        od;
        match[m] = (LOADS -> loading : next_status);
        members[m] = pair[w];
        host_asked[m] = !LOADS && next_status == battling;
        for (k : 0 .. PLAYERS - 1) {
            if
            :: pair[w] & BIT(k) ->
                change(k);
                st[k] = (LOADS -> loading : battling);
                mid[k] = m;
                score[k] = 0;
                lease[k] = 0
            :: else
            fi
        }
        deadline[m] = running
    :: else
    fi
}

/* lua/reap.lua */
inline do_reap(m)
{
    status = OK;
    if
    :: deadline[m] != due -> status = EARLY
    :: deadline[m] == due && !ACTIVE(m) -> deadline[m] = 0; status = NO
    :: else
    fi;
    if
    :: status == OK && match[m] == loading ->
        close_match(m, timed_out);
        for (k : 0 .. PLAYERS - 1) {
            if
            :: (members[m] & BIT(k)) && mid[k] == m && HAS_LOADED(m, k) -> requeue(k)
            :: (members[m] & BIT(k)) && mid[k] == m && !HAS_LOADED(m, k) -> to_lobby(k)
            :: else
            fi
        }
    :: status == OK && match[m] != loading && attempts[m] + 1 >= ATTEMPTS_MAX ->
        close_match(m, cancelled);
        for (k : 0 .. PLAYERS - 1) {
            if
            :: (members[m] & BIT(k)) && mid[k] == m -> requeue(k)
            :: else
            fi
        }
    :: status == OK && match[m] != loading && attempts[m] + 1 < ATTEMPTS_MAX ->
        match[m] = next_status;
        attempts[m] = attempts[m] + 1;
        deadline[m] = running;
        host_asked[m] = host_asked[m] || next_status == battling
    :: else
    fi
}

/* lua/report.lua; `kind` is result, cancelled (member `p` is damaged), or timed_out (the host failed). */
inline do_report(m, kind, p)
{
    status = OK;
    if
    :: match[m] == finished -> status = DUP
    :: match[m] != finished && match[m] != ready && match[m] != battling -> status = STALE
    :: else
    fi;
    if
    :: status == OK && kind == cancelled ->
        close_match(m, cancelled);
        for (k : 0 .. PLAYERS - 1) {
            if
            :: (members[m] & BIT(k)) && mid[k] == m && OF_ONE_PARTY(k, p) -> to_lobby(k)
            :: (members[m] & BIT(k)) && mid[k] == m && !OF_ONE_PARTY(k, p) -> requeue(k)
            :: else
            fi
        }
    :: status == OK && kind == timed_out -> deadline[m] = due; status = FAILED
    :: status == OK && kind == result ->
        close_match(m, finished);
        for (k : 0 .. PLAYERS - 1) {
            if
            :: (members[m] & BIT(k)) && mid[k] == m -> change(k); st[k] = result
            :: else
            fi
        }
    :: else
    fi
}

/* lua/expire.lua, one waiter whose lease is due. That he is not queued cannot happen here. */
inline do_expire(p)
{
    status = OK;
    leave_with_mate(p)
}

/* ---- processes: each is a loop of single steps ----------------------------------------------------------- */

hidden byte m;
hidden mtype next_status; /* battling: a live host is known; ready: none is */

/* A login numbers its requests, and publishes none a second time while the first may still take effect. */
#define MAY_ASK(l, n, what, of) \
    (logins[p] >= (l) - 1 && asked[REQUEST(p, l, n)] == 0 \
     && ((n) == 1 || (asked[REQUEST(p, l, n) - 1] != 0 \
                      && !(asked[REQUEST(p, l, n) - 1] == what && asked_mid[REQUEST(p, l, n) - 1] == of \
                           && ORDER(l, (n) - 1) > ORDER(ce[p], rq[p])))))

/* What a login asks for, by the state of its player. Seeing it late or publishing it late is the same as having
 * it executed late. A former login goes on asking. */
#define ASK(l, n, what, of, where) \
    :: d_step { where && MAY_ASK(l, n, what, of) -> \
           asked[REQUEST(p, l, n)] = what; asked_mid[REQUEST(p, l, n)] = of }
#define PUBLISH(l, n) \
    ASK(l, n, enqueue, 0, (st[p] == 0 || st[p] == lobby)) \
    ASK(l, n, dequeue, 0, st[p] == queued) \
    ASK(l, n, loading_complete, mid[p], st[p] == loading) \
    ASK(l, n, loading_cancel, mid[p], st[p] == loading) \
    ASK(l, n, result_ack, mid[p], st[p] == result)

proctype client(byte p)
{
end:
    do
    PUBLISH(1, 1)
    PUBLISH(1, 2)
#if FIRST > 2
    PUBLISH(1, 3)
#endif
#if FIRST > 3
    PUBLISH(1, 4)
#endif
#if FIRST > 4
    PUBLISH(1, 5)
#endif
#if SECOND > 0
    :: d_step { logins[p] == 0 -> logins[p] = 1; asked[REQUEST(p, 2, 1)] = resume }
#endif
#if SECOND > 1
    PUBLISH(2, 2)
#endif
#if SECOND > 2
    PUBLISH(2, 3)
#endif
#if SECOND > 3
    PUBLISH(2, 4)
#endif
    od
}

#define EXECUTE(script, l, n, call) \
    :: d_step { asked[REQUEST(p, l, n)] == script -> before(); call; after(script, p); forget(p, l, n) }

#define TAKE(l, n) \
    EXECUTE(enqueue, l, n, do_enqueue(p, l, n)) \
    EXECUTE(dequeue, l, n, do_dequeue(p, l, n)) \
    EXECUTE(resume, l, n, do_resume(p, l, n)) \
    EXECUTE(loading_complete, l, n, next_status = battling; do_complete(p, l, n, asked_mid[REQUEST(p, l, n)])) \
    EXECUTE(loading_complete, l, n, next_status = ready; do_complete(p, l, n, asked_mid[REQUEST(p, l, n)])) \
    EXECUTE(loading_cancel, l, n, do_cancel(p, l, n, asked_mid[REQUEST(p, l, n)])) \
    EXECUTE(result_ack, l, n, do_result_ack(p, l, n, asked_mid[REQUEST(p, l, n)]))

/* Whatever was published by a player is executed at any time, any number of times, in any order. */
proctype intake(byte p)
{
end:
    do
    TAKE(1, 1)
    TAKE(1, 2)
#if FIRST > 2
    TAKE(1, 3)
#endif
#if FIRST > 3
    TAKE(1, 4)
#endif
#if FIRST > 4
    TAKE(1, 5)
#endif
#if SECOND > 0
    TAKE(2, 1)
#endif
#if SECOND > 1
    TAKE(2, 2)
#endif
#if SECOND > 2
    TAKE(2, 3)
#endif
#if SECOND > 3
    TAKE(2, 4)
#endif
    od
}

#define LOOK(a, b) \
    :: d_step { pair[w] == 0 && (w == 0 || pair[0] != 0) && match[MATCHES] == 0 && st[a] == queued && st[b] == queued -> \
           pair[w] = BIT(a) | BIT(b); fresh[w] = pair[w] }
#define COMMIT(next) \
    :: d_step { pair[w] != 0 && match[MATCHES] == 0 -> \
           before(); next_status = next; do_commit(w); after(commit, 0); pair[w] = 0; fresh[w] = 0 }

#define LOOK_AT_ALL \
    :: d_step { pair[w] == 0 && (w == 0 || pair[0] != 0) && match[MATCHES] == 0 && st[0] == queued && st[1] == queued \
        && st[2] == queued -> pair[w] = BIT(0) | BIT(1) | BIT(2); fresh[w] = pair[w] }

proctype matchmaker(byte w)
{
end:
    do
#if PARTY
    LOOK_AT_ALL
#else
    LOOK(0, 1)
#endif
#if PLAYERS > 2
    LOOK(0, 2)
    LOOK(1, 2)
#endif
    COMMIT(battling)
#if !LOADS
    COMMIT(ready)
#endif
    od
}

/* The time that a phase may last ends. */
proctype clock(byte x)
{
end:
    do
    :: d_step { deadline[x] == running -> deadline[x] = due }
    od
}

proctype reaper(byte x)
{
end:
    do
    :: d_step { deadline[x] == due -> before(); next_status = battling; do_reap(x); after(reap, 0) }
    :: d_step { deadline[x] == due -> before(); next_status = ready; do_reap(x); after(reap, 0) }
    od
}

proctype host(byte x)
{
end:
    do
    :: d_step { host_asked[x] -> before(); do_report(x, result, 0); after(report, PLAYERS) }
    :: d_step { host_asked[x] -> before(); do_report(x, timed_out, 0); after(report, PLAYERS) }
    :: d_step { host_asked[x] && (members[x] & 1) -> before(); do_report(x, cancelled, 0); after(report, 0) }
    :: d_step { host_asked[x] && (members[x] & 2) -> before(); do_report(x, cancelled, 1); after(report, 1) }
    od
}

/* The lease of a waiter ends, because nobody renewed it. */
proctype expirer(byte p)
{
end:
    do
    :: d_step { lease[p] -> before(); do_expire(p); after(expire, p) }
    od
}

init {
    atomic {
        for (i : 0 .. PLAYERS - 1) { run client(i); run intake(i); run expirer(i) }
        run matchmaker(0);
        run matchmaker(1);
        for (i : 1 .. MATCHES) { run clock(i); run reaper(i); run host(i) }
    }
}

/* ---- what comes in the end: `fair` in run.sh, every process that can act for ever acts --------------------- */

#define ENDED(m) (match[m] != ready && match[m] != battling)

ltl every_loading_ends { []<>(match[1] != loading) && []<>(match[MATCHES] != loading) }
ltl every_match_ends { []<>!ACTIVE(1) && []<>!ACTIVE(MATCHES) }
