/* What the files that check the rules of events share; validate.h is for everybody else. */
#pragma once

#include "proto/code_set.h"
#include "proto/validate.h"

/* Adds a fault unless the field has one already: what is wrong with the field itself says enough. */
void rule(struct faults *faults, enum error_code code, const char *field, const char *limit, struct text value);

/* A CONTRADICTION whose value is a number. */
void rule_number(struct faults *faults, const char *field, const char *limit, int64_t value);

void rule_missing(struct faults *faults, const char *field, const char *limit);

/* The field's path with the index of a list's item: "body.lines[3].month". */
#define RULE_FIELD_MAX 48
void rule_field(char out[RULE_FIELD_MAX], const char *list, uint32_t index, const char *field);

void rule_programme(struct faults *faults, const char *field, struct text code);
void rule_programmes(struct faults *faults, const struct list *programmes); /* of body.programmes */

void rule_code(struct faults *faults, const char *field, enum code_set set, struct text code); /* is of the set */

/* By subject; types that have no such rule have no faults. */
void validate_activities(const struct event *event, struct faults *faults); /* activities, attendance */
void validate_people(const struct event *event, struct faults *faults);     /* volunteers, contacts, hours, erasure */
void validate_office(const struct event *event, struct faults *faults);     /* plans, stories, notices, settings */
void validate_assessment(const struct event *event, struct faults *faults); /* schemes, scores, assessments */
void validate_rules(const struct event *event, struct faults *faults);      /* rules, alerts, silences */

/* Of a rule: what it groups, and its digests. Times of day, which rise: `field` is the path of their list. */
void validate_grouping(const struct wire_rule *body, struct faults *faults);
void validate_times(const struct list *times, const char *field, struct faults *faults);
