/* Restraint: whether a message that is due goes now, or is held, until when and why. Pure: no clock, no file.
 *
 *   superseded         a later alert about the same is there, or, of one that waited for others, somebody answered meanwhile:
 *                      this one does not go any more
 *   held by            another rule speaks of the same unit: until that is over
 *   silence            somebody set one for the rule that wrote it (not for what people write)
 *   group, digest      it waits for others, to go out with them (grouping/); before that the rules look whether it stands
 *   quiet hours        held until they are over
 *   recipient and day  so many by one channel; what is more is held until the next day
 *   robot              its own pace
 *   provider           the pace of a channel: its messages stay in their order, and all wait
 *
 * An urgent message goes in spite of quiet hours and of the recipient's number, so often a day as the setting says; then it
 * is held as others are. A message that is tried again was counted for its recipient before.
 */
#pragma once

#include "services/notifier/restraint/bucket.h"
#include "services/notifier/restraint/quiet.h"

struct restraint_rules {
    struct quiet quiet;
    int32_t recipient_day; /* messages; 0: no limit */
    int32_t urgent_day;    /* urgent ones in spite of it all */
};

enum restraint_verdict {
    RESTRAINT_GO,
    RESTRAINT_HOLD, /* this message, until then */
    RESTRAINT_SUPERSEDED,
    RESTRAINT_LOOK, /* whether it still stands is being looked at: again then, and nobody is told of it */
    RESTRAINT_WAIT  /* it and all others of its channel: nothing of them changes */
};

enum restraint_reason {
    RESTRAINT_NONE,
    RESTRAINT_REPLACED,
    RESTRAINT_ANSWERED,
    RESTRAINT_HELD_BY,
    RESTRAINT_SILENCE,
    RESTRAINT_GROUP,
    RESTRAINT_DIGEST,
    RESTRAINT_QUIET,
    RESTRAINT_RECIPIENT,
    RESTRAINT_ROBOT
};

/* A message that is due. */
struct restraint_case {
    int64_t now;
    bool urgent;
    bool counted;           /* it is tried again */
    bool replaced;          /* a later alert about the same has a message to the same recipient */
    int64_t held_by_until;  /* 0: no other rule holds it back */
    int64_t silenced_until; /* 0: no silence holds */
    int64_t grouped_until;  /* 0: it waits for no others */
    bool digest;            /* for a digest, that is */
    bool answered;          /* what it waited for others with is taken on by somebody */
    bool doubtful;          /* it may be over: not looked at since it waits, or about to be cancelled */
    struct pace robot_pace;
    struct pace provider_pace;
    struct bucket day; /* buckets: changed by what is decided, and to be kept with it */
    struct bucket urgent_day;
    struct bucket robot;
    struct bucket provider;
};

struct restraint_decision {
    enum restraint_verdict verdict;
    enum restraint_reason reason;
    int64_t until; /* of hold and wait */
    bool overrode; /* an urgent one that would have been held */
};

struct restraint_decision restraint_decide(const struct restraint_rules *rules, struct restraint_case *of);
