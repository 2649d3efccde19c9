/* The stream protocol between intake and one consumer, with everything that may break between and under them.
 *
 * What is decided (what a message means in which state, whether a block follows, whether a position is let in, what
 * credit allows) is decided by the functions that the services run: tests/model/rules.h leads to them. The model adds
 * what is around them: the connection, the disks, time, and the faults. Every block holds one event, a number that is
 * used once. README.md says what is proved and what is left out.
 */
#ifndef BLOCKS
#define BLOCKS 3 /* that intake writes in all, also after a restore */
#endif
#ifndef FAULTS
#define FAULTS 3 /* of any kind, in one run */
#endif
#ifndef CREDIT
#define CREDIT 2
#endif
#define QUEUE (CREDIT + 2) /* messages on their way in one direction */
#define SLOTS (BLOCKS + 1)

#define OPENING 0
#define OPEN 1
#define STOPPED 2

#define IGNORE 0
#define ENTER 1
#define FOLLOW 2
#define HEAR 3
#define FAIL 4
#define REOPEN 5

#define SAYS_BLOCK 0
#define SAYS_OPENED 1
#define SAYS_HEAD 2
#define SAYS_ERROR 3
#define SAYS_REOPEN 4

c_decl {
\#include "tests/model/rules.h"
\#include "common/stream/act.h"
_Static_assert(OPENING == CONSUMER_OPENING && OPEN == CONSUMER_OPEN && STOPPED == CONSUMER_STOPPED, "states");
_Static_assert(IGNORE == CONSUMER_IGNORE && ENTER == CONSUMER_ENTER && FOLLOW == CONSUMER_FOLLOW &&
               HEAR == CONSUMER_HEAR && FAIL == CONSUMER_FAIL && REOPEN == CONSUMER_REOPEN, "acts");
_Static_assert(SAYS_BLOCK == VERB_BLOCK && SAYS_OPENED == VERB_OPENED && SAYS_HEAD == VERB_HEAD &&
               SAYS_ERROR == VERB_ERROR && SAYS_REOPEN == VERB_REOPEN, "verbs");
}

mtype = { open, credit, ask_head }

/* ---- intake and its disk ---- */

bool up;
byte epoch = 1;
byte written;        /* blocks in the log */
byte durable;        /* of them, those that were synced */
byte head;           /* what intake tells of: up to here it sends */
byte content[SLOTS]; /* of block 1, 2, ... */
byte epochs[SLOTS];
byte hashes[SLOTS];
bool known;          /* intake has a row for the consumer */
byte row_at;
byte row_credit;

/* ---- the connection ---- */

bool linked;
chan to_intake = [QUEUE] of { mtype, byte, byte, byte, byte };       /* correlation or credit; seq, epoch, hash */
chan to_consumer = [QUEUE] of { byte, byte, byte, byte, byte, byte }; /* verb, correlation, first, epoch, content, hash */
chan left_over = [QUEUE] of { byte, byte, byte, byte, byte, byte };   /* of an old connection; only with OLD_CONNECTION */

/* ---- the consumer and its disk ---- */

bool alive;
byte state;
byte opening;        /* correlation of the open request under way; 0: none */
byte correlation;
byte owed;
byte place;          /* seq */
byte place_epoch[SLOTS]; /* of the place, and of every place before it */
byte place_hash[SLOTS];
byte effects;        /* events folded; what they were: */
byte effect[SLOTS];
byte saved_place;    /* what the last transaction holds */
byte saved_effects;
byte synced_place;   /* and the last that a power cut leaves there: it is not synced (NORMAL) */
byte synced_effects;

/* ---- what only the proof knows ---- */

byte before[SLOTS];  /* the event that stands before each in the journal */
byte appended;
byte faults = FAULTS;
byte unfolded;       /* blocks sent for the present opening and not folded */
bool damaged;        /* a block was changed on its way */
bool restored;       /* the journal was replaced by an older copy of itself */

/* ---- for one step at a time ---- */

hidden byte verb;
hidden byte number; /* correlation, or credit */
hidden byte seq;
hidden byte of_epoch;
hidden byte event;
hidden byte hash;
hidden byte kept;
hidden mtype request;
hidden byte yes;

/* Spin takes a name before a parenthesis for a side effect, so the names stand in parentheses. */
#define is(name) c_expr { (mutated)(name) }
#define may_send c_expr { (rule_may_send)(now.row_at, now.row_credit, now.head) }
#define quiet (len(to_intake) == 0 && len(to_consumer) == 0 && len(left_over) == 0 && !(up && linked && known && may_send))
#define done (state == STOPPED || (place == durable && place_hash[place] == hashes[durable]))

ltl reaches_the_head { <>[] done }

/* ---- intake ---- */

inline write_block() {
    written++;
    appended++;
    content[written] = appended;
    before[appended] = content[written - 1];
    epochs[written] = epoch;
    c_code { now.hashes[now.written] = rule_next(now.hashes[now.written - 1], now.epoch, now.written, now.appended); };
    if
    :: is(SENT_BEFORE_SYNC) -> head = written
    :: else
    fi
}

/* A commit returns: the block is durable, receipts and the stream may go out. */
inline sync_block() {
    durable = written;
    head = written
}

/* `wrong`: the block is changed on its way. */
inline send_block(wrong) {
    seq = row_at + 1;
    event = content[seq] + wrong;
    c_code { now.row_credit = rule_credit_after_sent(now.row_credit); };
    to_consumer!SAYS_BLOCK, 0, seq, epochs[seq], event, hashes[seq];
    row_at = seq;
    unfolded++;
    /* Never beyond credit, so that nothing piles up anywhere, however slow the consumer is. */
    assert(unfolded <= CREDIT)
}

inline answer(verb_, number_) {
    if
    :: len(to_consumer) < QUEUE -> to_consumer!verb_, number_, 0, 0, 0, 0; yes = true
    :: else -> yes = false
    fi
}

inline take_open() {
    known = false;
    row_at = 0;
    row_credit = 0;
    unfolded = 0;
    c_code {
        int own = seq <= now.head ? now.hashes[seq] : -1;
        yes = rule_admit(seq, of_epoch, hash, now.head, now.epoch, now.hashes[now.head], now.epochs[seq], own);
    };
    if
    :: yes ->
        /* Nobody is let in who folded something else than what stands in the journal. */
        assert(seq <= head && (seq == 0 || content[seq] == effect[seq - 1]));
        answer(SAYS_OPENED, number);
        if
        :: yes -> known = true; row_at = seq; row_credit = CREDIT;
            if
            :: is(SENT_FROM_START) || is(FIRST_UNCHECKED) -> row_at = 0
            :: is(SENT_FROM_HEAD) -> row_at = head
            :: else
            fi
        :: else
        fi
    :: else -> answer(SAYS_ERROR, number)
    fi
}

inline take_request() {
    to_intake?request, number, seq, of_epoch, hash;
    if
    :: request == open -> take_open()
    :: request != open && !known -> answer(SAYS_REOPEN, 0)
    :: request == ask_head && known -> answer(SAYS_HEAD, 0)
    :: request == credit && known ->
        c_code { now.row_credit = rule_credit_after_grant(now.row_credit, number); }
    fi
}

proctype intake() {
end: do
    :: d_step { up && linked && len(to_intake) > 0 -> take_request() }
    :: d_step { up && linked && known && len(to_consumer) < QUEUE && may_send -> send_block(0) }
    :: d_step { up && linked && known && len(to_consumer) < QUEUE && may_send && faults > 0 ->
        faults--; damaged = true; send_block(100) }
    :: d_step { up && appended < BLOCKS && written == durable -> write_block() }
    :: d_step { up && written > durable -> sync_block() }
    od
}

/* ---- the consumer ---- */

#define can_say (linked && up && len(to_intake) < QUEUE)

inline send_open() {
    correlation = correlation % 7 + 1;
    opening = correlation;
    state = OPENING;
    owed = 0;
    to_intake!open, opening, place, place_epoch[place], place_hash[place]
}

/* Opens again at its own place; when that cannot be said, the next tick tries. */
inline lose() {
    state = OPENING;
    opening = 0;
    owed = 0;
    if
    :: can_say -> send_open()
    :: else
    fi
}

/* An alarm is true: nothing stops a consumer but a journal that was replaced or a block that was changed. */
inline stop() {
    assert(damaged || restored);
    state = STOPPED;
    opening = 0;
    owed = 0
}

inline give_credit() {
    c_code { number = rule_credit_due(now.owed, CREDIT); };
    if
    :: number > 0 && can_say -> to_intake!credit, number, 0, 0, 0; owed = 0
    :: else
    fi
}

inline fold() {
    /* Every event once and in the journal's order: it stands there behind the one that was folded before it, and the
     * place says how many there were. */
    assert(event < 100 && effects == place);
    assert(before[event] == (effects == 0 -> 0 : effect[effects - 1]));
    effect[effects] = event;
    effects++;
    place++;
    place_epoch[place] = of_epoch;
    place_hash[place] = hash
}

inline follow() {
    c_code {
        yes = rule_follow(now.place, now.place_epoch[now.place], now.place_hash[now.place], seq, of_epoch, event, hash);
    };
    if
    :: yes -> fold(); owed++; if :: unfolded > 0 -> unfolded-- :: else fi; give_credit()
    :: else -> stop()
    fi
}

inline take_answer() {
    c_code { yes = number != 0 && number == now.opening; kept = rule_act(now.state, verb, yes); };
    if
    :: kept == ENTER -> state = OPEN; opening = 0
    :: kept == FOLLOW -> follow()
    :: kept == FAIL -> stop()
    :: kept == REOPEN -> lose()
    :: else
    fi
}

inline save() {
    saved_place = place;
    saved_effects = effects
}

proctype consumer() {
end: do
    :: d_step { alive && state != STOPPED && len(to_consumer) > 0 ->
        to_consumer?verb, number, seq, of_epoch, event, hash; take_answer() }
    :: d_step { alive && state != STOPPED && len(left_over) > 0 ->
        left_over?verb, number, seq, of_epoch, event, hash; take_answer() }
    :: d_step { alive && state == OPENING && opening == 0 && can_say -> send_open() }
    /* Nothing is on its way: the time for an answer is over. */
    :: d_step { alive && state == OPENING && opening != 0 && quiet && can_say -> send_open() }
    :: d_step { alive && state == OPEN && quiet && can_say && !is(NO_PING) ->
        to_intake!ask_head, 0, 0, 0, 0 }
    :: d_step { alive && state == OPEN && quiet && !linked && !is(NO_PING) -> lose() }
    :: d_step { alive && state == OPEN && quiet && is(NO_PING) -> skip }
    /* The time is over although something is on its way. */
    :: d_step { alive && state != STOPPED && faults > 0 && !quiet && can_say -> faults--; lose() }
    :: d_step { alive && owed > 0 && state == OPEN && can_say && c_expr { (rule_credit_due)(now.owed, CREDIT) > 0 } ->
        give_credit() }
    :: d_step { alive && state != STOPPED && saved_effects != effects && !is(POSITION_APART) -> save() }
    :: d_step { alive && state != STOPPED && saved_effects != effects && is(POSITION_APART) ->
        saved_effects = effects }
    :: d_step { alive && state != STOPPED && saved_place != place && is(POSITION_APART) ->
        saved_place = place }
    :: d_step { alive && state != STOPPED && (synced_place != saved_place || synced_effects != saved_effects) ->
        synced_place = saved_place; synced_effects = saved_effects }
    od
}

/* ---- what happens to them ---- */

/* What intake sent and what lies in the consumer's socket can be read until there is a new connection. */
inline break_link() {
    linked = false;
    known = false;
    row_at = 0;
    row_credit = 0;
    do
    :: len(to_intake) > 0 -> to_intake?request, number, seq, of_epoch, hash
    :: else -> break
    od;
    skip
}

inline forget_answers() {
    do
    :: len(to_consumer) > 0 ->
        to_consumer?verb, number, seq, of_epoch, event, hash;
        if
        :: alive && len(left_over) < QUEUE && is(OLD_CONNECTION) ->
            left_over!verb, number, seq, of_epoch, event, hash
        :: else
        fi
    :: else -> break
    od;
    skip
}

/* The journal ends after `kept` blocks. */
inline cut_journal() {
    do
    :: written > kept -> content[written] = 0; epochs[written] = 0; hashes[written] = 0; written--
    :: else -> break
    od;
    if
    :: durable > kept -> durable = kept
    :: else
    fi
}

inline start_intake() {
    up = true;
    head = written;
    if
    :: is(RECOVERY_UNSYNCED)
    :: else -> durable = written
    fi
}

inline end_consumer() {
    alive = false;
    break_link();
    forget_answers();
    state = OPENING;
    opening = 0;
    owed = 0;
    unfolded = 0;
    do
    :: place > saved_place -> place_epoch[place] = 0; place_hash[place] = 0; place--
    :: else -> break
    od;
    do
    :: effects > saved_effects -> effects--; effect[effects] = 0
    :: else -> break
    od;
    skip
}

proctype world() {
end: do
    /* kill -9: what was written stays; power cut: only what was synced. */
    :: d_step { up && faults > 0 && state != STOPPED -> faults--; up = false; head = 0; break_link() }
    :: d_step { up && faults > 0 && state != STOPPED ->
        faults--; up = false; head = 0; break_link(); kept = durable; cut_journal() }
    :: d_step { !up -> start_intake() }
    /* A backup is put back: the journal ends earlier, and a new epoch begins. */
    :: d_step { !up && faults > 0 && written > 0 && !restored ->
        faults--; restored = true; epoch++; kept = written - 1; cut_journal(); durable = written }
    :: d_step { !up && faults > 0 && written > 1 && !restored ->
        faults--; restored = true; epoch++; kept = written - 2; cut_journal(); durable = written }
    :: d_step { linked && faults > 0 && state != STOPPED -> faults--; break_link() }
    :: d_step { !linked && up && alive -> forget_answers(); linked = true }
    :: d_step { alive && faults > 0 && state != STOPPED -> faults--; end_consumer() }
    :: d_step { alive && faults > 0 && state != STOPPED ->
        faults--; saved_place = synced_place; saved_effects = synced_effects; end_consumer() }
    :: d_step { !alive -> alive = true }
    od
}

init {
    d_step {
        up = true;
        alive = true;
        linked = true;
        c_code { now.hashes[0] = rule_start(); now.place_hash[0] = now.hashes[0]; }
    };
    atomic { run intake(); run consumer(); run world() }
}
