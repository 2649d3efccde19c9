/* The course of a message: its state, and what each thing that happens makes of it. Pure: no clock, no chance, no file.
 *
 *   pending ─► sending ─► accepted ─► delivered | undelivered
 *               │  ▲ └──► delivered | undelivered | dead   (delivered ─► undelivered: an e-mail came back)
 *               ▼  │
 *              retry            a passing fault: again at next_at
 *              unknown          it may have gone out: a report is awaited until next_at, then it is asked for where
 *                               that can be done, then sent again and counted as a possible duplicate (repeats)
 *   pending, retry, unknown ─► expired     the notice is too old
 *                           ─► cancelled   recipient or text were removed
 *   pending, retry ─► held ─► pending      its channel is not configured, or it was too old when the notifier started
 *   pending, retry ─► held ─► sending      restraint (restraint/restraint.h): held until next_at
 *
 *   pending, retry, held ─► superseded     a later alert about the same takes its place, or another message carries it
 *   superseded ─► pending, unknown         the message that carries it was cancelled
 *              ◄► dead, undelivered, expired     it was given up; and went, or goes once more, after all
 *   dead, undelivered, expired, held for a person ─► pending      a person has it sent again
 *
 * `sending` is the only state in which a message may be with a provider. Who makes it `sending` commits that, lets the
 * journal know, and only then hands it over; so what is `sending` after a crash, and known to the journal, is unknown.
 *
 * `since` rises with each change, also when the clock goes back: two accounts of one course, this one and an event in
 * the journal, are compared by it.
 */
#pragma once

#include "services/notifier/channels/channel.h"

#define COURSE_ATTEMPTS_MAX 100000 /* as proto/tables/office.h allows */

struct course {
    enum delivery state;
    int32_t attempts; /* how often it was handed to the provider */
    int32_t repeats;  /* of these, how often an earlier one may have gone out */
    int64_t since;    /* ms since 1970 UTC */
    int64_t next_at;  /* of retry, unknown, and of held ones that go by themselves; else 0 */
    bool removed;     /* recipient or text were removed: it must not go out any more */
};

struct course_rules {
    int64_t retry_ms;
    int64_t retry_max_ms;
    int64_t unknown_ms;
    int64_t expire_ms; /* age of the notice */
    bool reports;      /* delivery reports are asked for */
};

/* What a step depends on beside the course itself. */
struct course_moment {
    const struct course_rules *rules;
    int64_t now;       /* ms since 1970 UTC */
    int64_t issued_at; /* of the notice */
    uint64_t salt;     /* of the message: spreads the pauses */
    int64_t pause_ms;  /* the provider wants to be asked no sooner; 0: it did not say */
};

/* What a gateway's delivery report says (Kannel's dlr-mask). */
enum report_code {
    REPORT_DELIVERED = 1,
    REPORT_UNDELIVERED = 2,
    REPORT_QUEUED = 4,
    REPORT_TAKEN = 8,
    REPORT_REFUSED = 16
};

/* True with the time (0: now) when something is to be done with it by itself: course_proceed. */
bool course_waits(const struct course *course, int64_t *due);

/* It has come to its end: nothing is under way, and no report is awaited any more. */
bool course_is_over(const struct course *course, const struct course_moment *moment);

/* ---- steps: each returns whether something changed ---- */

/* Its time has come: it becomes sending, to be handed over once the journal knows; or expired, or cancelled. */
bool course_proceed(struct course *course, const struct course_moment *moment);

/* Its time has come, but no gateway is configured: it is held, or cancelled; what may have gone out stays unknown. */
bool course_hold(struct course *course, const struct course_moment *moment);

/* Its time has come, but it is to wait until then: it is held, or stays unknown; expired when it is too old by then. */
bool course_delay(struct course *course, int64_t until, const struct course_moment *moment);

/* A later message takes its place: it does not go, if it has not gone. */
bool course_supersede(struct course *course, const struct course_moment *moment);

/* Whether another message may carry it: it waits, and was never tried. */
bool course_may_join(const struct course *course);

/* The message that carries it was cancelled; `maybe`: it may have gone out before, so that to send it is a repeat. */
bool course_release(struct course *course, bool maybe, const struct course_moment *moment);

/* The message that carries it was given up: it did not arrive either, and shares that state. And back: it arrived after all, or
 * is sent once more. */
bool course_share(struct course *course, enum delivery state, const struct course_moment *moment);
bool course_carry_again(struct course *course, const struct course_moment *moment);

/* It has come to its end without reaching anybody. */
bool course_is_given_up(const struct course *course);

/* What holds it may be no more: it is looked at again at `at`, if that is sooner. Nobody is told. */
bool course_stir(struct course *course, int64_t at);

/* What came of handing over. Only the attempt under way counts: a report may have overtaken it. */
bool course_result(struct course *course, int32_t attempt, enum outcome outcome, const struct course_moment *moment);

/* Reports come late, repeated and in any order: 1 stands above 2 and 16, these above 8, and 8 above 4. */
bool course_report(struct course *course, int32_t attempt, int64_t code, const struct course_moment *moment);

/* An e-mail came back: its mail server took it, and could not deliver it. */
bool course_bounce(struct course *course, int32_t attempt, const struct course_moment *moment);

/* It is sending, but must not be handed over, and was not: the journal refused it, or what it needs is gone. */
bool course_take_back(struct course *course, const struct course_moment *moment);

/* It is unknown, and is looked at again then: who may know is asked, or does not know. Nobody is told. */
bool course_await(struct course *course, int64_t at);

/* It waits for its turn, and is looked at again then. Nobody is told. */
bool course_put_off(struct course *course, int64_t at);

/* It is sending, and nobody knows whether it was handed over. */
bool course_lose(struct course *course, const struct course_moment *moment);

/* A person has it sent again: what is dead, undelivered, expired or held for a person waits for its turn, as if its notice
 * were issued now. */
bool course_resend(struct course *course, const struct course_moment *moment);

/* The notifier has started and folded what the journal knows. `queued`: it is sending, but the journal does not know
 * yet. `configured`: its channel is. */
bool course_resume(struct course *course, bool queued, bool configured, const struct course_moment *moment);
