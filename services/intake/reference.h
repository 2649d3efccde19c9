/* References: whether the earlier events that an event names are there, and are what they must be. Pure, as admit.
 *
 * What an event tells of, and the state in which it may find it, is step.h's.
 */
#pragma once

#include "services/intake/admit.h"

/* Merges may be chained so far: A became part of B, B of C, ... */
#define MERGE_CHAIN_MAX 100

/* So many earlier steps of one subject are looked at. */
#define STEPS_BACK_MAX 100

/* 0 with faults for what does not fit, or < 0 when a look-up failed. Types that refer to nothing have no faults. */
int reference_check(const struct admit_context *context, const struct event *event, struct faults *faults);

/* ---- for the files that check references ---- */

/* By subject; 0 or < 0 as above. */
int reference_report(const struct admit_context *context, const struct event *event, struct faults *faults);
int reference_people(const struct admit_context *context, const struct event *event, struct faults *faults);
int reference_hours(const struct admit_context *context, const struct event *event, struct faults *faults);
int reference_office(const struct admit_context *context, const struct event *event, struct faults *faults);
int reference_assessment(const struct admit_context *context, const struct event *event, struct faults *faults);
int reference_rules(const struct admit_context *context, const struct event *event, struct faults *faults);

/* A fault whose value is an id. */
void reference_fault(struct faults *faults, enum error_code code, const char *field, const char *limit,
                     const struct id *id);

/* The same of a number. */
void reference_fault_number(struct faults *faults, enum error_code code, const char *field, const char *limit,
                            int64_t number);

/* What has versions, each following another: schemes and rules, by the type of event that sets them.
 *   reference_last_version  1 and the last one (0: there is none), or < 0
 *   reference_next_version  `version` is the one behind the last, which it gives too: 0, with a fault if not, or < 0 */
int reference_last_version(const struct admit_context *context, const char *type, struct text name, int64_t *version);
int reference_next_version(const struct admit_context *context, const char *type, struct text name, int64_t version,
                           int64_t *last, struct faults *faults);

/* Each: 1, 0 with a fault, or < 0.
 *   reference_known       the id is that of an event of `type`
 *   reference_own         the same, and the speaker speaks for its unit
 *   reference_activity    an activity.planned, or a report.submitted that is none's share
 *   reference_volunteer   a volunteer.enrolled whose data were not erased */
int reference_known(const struct admit_context *context, const struct id *id, enum event_type type, const char *field,
                    struct known *known, struct faults *faults);
int reference_own(const struct admit_context *context, const struct id *id, enum event_type type, const char *field,
                  struct faults *faults);
int reference_activity(const struct admit_context *context, const struct id *id, const char *field, struct known *known,
                       struct faults *faults);
int reference_volunteer(const struct admit_context *context, const struct id *id, const char *field,
                        struct faults *faults);

/* The id is that of a notice or alert that reaches the unit: 1, 0 with a fault, or < 0. */
int reference_told(const struct admit_context *context, const struct id *notice, struct text unit, const char *field,
                   struct faults *faults);
