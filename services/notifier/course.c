/* The course's steps. */
#include "services/notifier/course.h"

#include "services/notifier/backoff.h"

static bool enter(struct course *course, enum delivery state, int64_t next_at, const struct course_moment *moment) {
    course->state = state;
    course->next_at = next_at;
    course->since = moment->now > course->since ? moment->now : course->since + 1;
    return true;
}

static int64_t expires_at(const struct course_moment *moment) {
    return moment->issued_at + moment->rules->expire_ms;
}

static bool is_too_old(const struct course_moment *moment) {
    return moment->now >= expires_at(moment);
}

static bool is_delayed(const struct course *course) {
    return course->state == DELIVERY_HELD && course->next_at > 0;
}

/* It waits for its turn: nothing of this attempt, if there was one, went out. */
static bool is_unsent(const struct course *course) {
    return course->state == DELIVERY_PENDING || course->state == DELIVERY_RETRY || is_delayed(course);
}

bool course_waits(const struct course *course, int64_t *due) {
    *due = course->next_at;
    if (course->removed && (is_unsent(course) || course->state == DELIVERY_HELD)) {
        *due = 0;
        return true;
    }
    return is_unsent(course) || course->state == DELIVERY_UNKNOWN;
}

bool course_is_over(const struct course *course, const struct course_moment *moment) {
    switch (course->state) {
    case DELIVERY_PENDING:
    case DELIVERY_SENDING:
    case DELIVERY_HELD:
    case DELIVERY_RETRY:
    case DELIVERY_UNKNOWN:
        return false;
    case DELIVERY_ACCEPTED:
        return !moment->rules->reports || is_too_old(moment);
    default:
        return true;
    }
}

/* ---- sending ---- */

bool course_proceed(struct course *course, const struct course_moment *moment) {
    int64_t due;
    if (!course_waits(course, &due) || due > moment->now) {
        return false;
    }
    if (course->removed) {
        return enter(course, DELIVERY_CANCELLED, 0, moment);
    }
    if (is_too_old(moment) || course->attempts >= COURSE_ATTEMPTS_MAX) {
        return enter(course, DELIVERY_EXPIRED, 0, moment);
    }
    course->repeats += course->state == DELIVERY_UNKNOWN;
    course->attempts++;
    return enter(course, DELIVERY_SENDING, 0, moment);
}

bool course_hold(struct course *course, const struct course_moment *moment) {
    int64_t due;
    if (!course_waits(course, &due) || due > moment->now) {
        return false;
    }
    if (course->removed) {
        return enter(course, DELIVERY_CANCELLED, 0, moment);
    }
    if (course->state != DELIVERY_UNKNOWN) {
        return enter(course, DELIVERY_HELD, 0, moment);
    }
    return is_too_old(moment) ? enter(course, DELIVERY_EXPIRED, 0, moment)
                              : enter(course, DELIVERY_UNKNOWN, moment->now + moment->rules->unknown_ms, moment);
}

bool course_delay(struct course *course, int64_t until, const struct course_moment *moment) {
    int64_t due;
    if (!course_waits(course, &due) || due > moment->now || course->removed) {
        return false;
    }
    int64_t at = until < expires_at(moment) ? until : expires_at(moment);
    return enter(course, course->state == DELIVERY_UNKNOWN ? DELIVERY_UNKNOWN : DELIVERY_HELD, at, moment);
}

bool course_supersede(struct course *course, const struct course_moment *moment) {
    return is_unsent(course) && !course->removed && enter(course, DELIVERY_SUPERSEDED, 0, moment);
}

bool course_may_join(const struct course *course) {
    return is_unsent(course) && course->attempts == 0 && !course->removed;
}

bool course_release(struct course *course, bool maybe, const struct course_moment *moment) {
    if (course->state != DELIVERY_SUPERSEDED || course->removed) {
        return false;
    }
    course->attempts += maybe;
    return enter(course, maybe ? DELIVERY_UNKNOWN : DELIVERY_PENDING, maybe ? moment->now : 0, moment);
}

bool course_is_given_up(const struct course *course) {
    return course->state == DELIVERY_DEAD || course->state == DELIVERY_UNDELIVERED || course->state == DELIVERY_EXPIRED;
}

bool course_share(struct course *course, enum delivery state, const struct course_moment *moment) {
    return course->state == DELIVERY_SUPERSEDED && !course->removed && enter(course, state, 0, moment);
}

bool course_carry_again(struct course *course, const struct course_moment *moment) {
    return course_is_given_up(course) && course->attempts == 0 && !course->removed &&
           enter(course, DELIVERY_SUPERSEDED, 0, moment);
}

bool course_stir(struct course *course, int64_t at) {
    bool sooner = is_delayed(course) && course->next_at > at;
    course->next_at = sooner ? at : course->next_at;
    return sooner;
}

bool course_await(struct course *course, int64_t at) {
    bool unknown = course->state == DELIVERY_UNKNOWN;
    course->next_at = unknown ? at : course->next_at;
    return unknown;
}

bool course_put_off(struct course *course, int64_t at) {
    bool waits = is_unsent(course);
    course->next_at = waits ? at : course->next_at;
    return waits;
}

/* Again after a pause, or, if that comes first, looked at once more when the notice is too old. */
static bool retry(struct course *course, const struct course_moment *moment) {
    const struct course_rules *rules = moment->rules;
    if (course->removed) {
        return enter(course, DELIVERY_CANCELLED, 0, moment);
    }
    int64_t pause = backoff_pause(rules->retry_ms, rules->retry_max_ms, course->attempts, moment->salt);
    int64_t at = moment->now + (pause > moment->pause_ms ? pause : moment->pause_ms);
    return enter(course, DELIVERY_RETRY, at < expires_at(moment) ? at : expires_at(moment), moment);
}

bool course_lose(struct course *course, const struct course_moment *moment) {
    return course->state == DELIVERY_SENDING &&
           enter(course, DELIVERY_UNKNOWN, moment->now + moment->rules->unknown_ms, moment);
}

bool course_result(struct course *course, int32_t attempt, enum outcome outcome, const struct course_moment *moment) {
    if (course->state != DELIVERY_SENDING || course->attempts != attempt) {
        return false;
    }
    switch (outcome) {
    case OUTCOME_ACCEPTED:
        return enter(course, DELIVERY_ACCEPTED, 0, moment);
    case OUTCOME_DELIVERED:
        return enter(course, DELIVERY_DELIVERED, 0, moment);
    case OUTCOME_RETRY:
    case OUTCOME_RATE:
    case OUTCOME_MISCONFIGURED:
        return retry(course, moment);
    case OUTCOME_REFUSED:
        return enter(course, DELIVERY_UNDELIVERED, 0, moment);
    case OUTCOME_IMPOSSIBLE:
        return enter(course, DELIVERY_DEAD, 0, moment);
    case OUTCOME_UNKNOWN:
        return course_lose(course, moment);
    }
    return false;
}

bool course_take_back(struct course *course, const struct course_moment *moment) {
    return course->state == DELIVERY_SENDING && retry(course, moment);
}

/* ---- reports ---- */

/* The provider took it, whatever was thought of it before. What is known better stays. */
static bool report_taken(struct course *course, const struct course_moment *moment) {
    switch (course->state) {
    case DELIVERY_ACCEPTED:
    case DELIVERY_DELIVERED:
    case DELIVERY_UNDELIVERED:
    case DELIVERY_DEAD:
        return false;
    default:
        return enter(course, DELIVERY_ACCEPTED, 0, moment);
    }
}

/* Of an earlier attempt it says nothing about the last one. What was given up stays given up. */
static bool report_failed(struct course *course, int32_t attempt, const struct course_moment *moment) {
    switch (course->state) {
    case DELIVERY_PENDING:
    case DELIVERY_SENDING:
    case DELIVERY_ACCEPTED:
    case DELIVERY_RETRY:
    case DELIVERY_UNKNOWN:
        return attempt == course->attempts && enter(course, DELIVERY_UNDELIVERED, 0, moment);
    default:
        return false;
    }
}

/* A report of an attempt that this course does not know of (its file was put back to an older one) makes it known. */
bool course_report(struct course *course, int32_t attempt, int64_t code, const struct course_moment *moment) {
    struct course before = *course;
    if (attempt > course->attempts) {
        course->attempts = attempt;
    }
    bool changed = false;
    if (code == REPORT_DELIVERED) {
        changed = course->state != DELIVERY_DELIVERED && enter(course, DELIVERY_DELIVERED, 0, moment);
    } else if (code == REPORT_UNDELIVERED || code == REPORT_REFUSED) {
        changed = report_failed(course, attempt, moment);
    } else if (code == REPORT_TAKEN || code == REPORT_QUEUED) {
        changed = report_taken(course, moment);
    }
    if (!changed) {
        *course = before;
    }
    return changed;
}

bool course_bounce(struct course *course, int32_t attempt, const struct course_moment *moment) {
    if (course->state == DELIVERY_DELIVERED && attempt == course->attempts) {
        return enter(course, DELIVERY_UNDELIVERED, 0, moment);
    }
    return report_failed(course, attempt, moment);
}

/* ---- a person ---- */

/* What expired may have gone out long ago, when it was unknown. */
bool course_resend(struct course *course, const struct course_moment *moment) {
    if (course->removed) {
        return false;
    }
    switch (course->state) {
    case DELIVERY_EXPIRED:
        course->repeats += course->attempts > course->repeats;
        return enter(course, DELIVERY_PENDING, 0, moment);
    case DELIVERY_HELD:
        return !is_delayed(course) && enter(course, DELIVERY_PENDING, 0, moment);
    case DELIVERY_DEAD:
    case DELIVERY_UNDELIVERED:
        return enter(course, DELIVERY_PENDING, 0, moment);
    default:
        return false;
    }
}

/* ---- start ---- */

bool course_resume(struct course *course, bool queued, bool configured, const struct course_moment *moment) {
    if (course->state == DELIVERY_SENDING) {
        return !queued && course_lose(course, moment);
    }
    if (course->removed) {
        return false;
    }
    if (is_unsent(course) && is_too_old(moment)) {
        return enter(course, DELIVERY_HELD, 0, moment);
    }
    return course->state == DELIVERY_HELD && !is_delayed(course) && configured && !is_too_old(moment) &&
           enter(course, DELIVERY_PENDING, 0, moment);
}
