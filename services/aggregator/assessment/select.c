/* Reading a question about an assessment. */
#include "services/aggregator/assessment/select.h"
#include "services/aggregator/asked.h"

#include <stdio.h>

#include "services/aggregator/moments/moments.h"
#include "services/aggregator/tally.h"

#define WORD_SIZE 101 /* of a path, which is the longest */

static void to_word(struct text text, char out[WORD_SIZE]) {
    snprintf(out, WORD_SIZE, "%.*s", (int)text.length, text.data);
}

/* ---- which version ---- */

static bool has(const struct wire_assessment_query *query, unsigned field) {
    return wire_has(query->present, field);
}

/* The version that is named, or the last one that holds for the period; NULL when there is none. */
static const struct scheme *find_scheme(const struct assessment *assessment, uint32_t name, int64_t edition,
                                        uint64_t at, const struct period *period) {
    for (uint32_t i = assessment->schemes.count; i > 0; i--) {
        const struct scheme *scheme = ledger_row(&assessment->schemes, i - 1);
        bool fits = edition > 0 ? scheme->edition == edition
                                : version_stands(&scheme->version, at) &&
                                      (period == NULL || scheme->holds_from <= period->first);
        if (scheme->scheme == name && fits) {
            return scheme;
        }
    }
    return NULL;
}

static int unknown(const char *field, const char *value, const char *limit, struct error *error) {
    return error_set(error, ERR_UNKNOWN_REFERENCE,
                     (struct error_words){.field = field, .value = value, .limit = limit});
}

static int no_version(const struct wire_assessment_query *query, struct error *error) {
    char value[24];
    char limit[200];
    char period[WORD_SIZE];
    to_word(query->period, period);
    if (has(query, FIELD_assessment_query_version)) {
        snprintf(value, sizeof value, "%lld", (long long)query->version);
        return unknown("version", value, "a version of the scheme (see chaoxun scheme list)", error);
    }
    snprintf(limit, sizeof limit, "that of a scheme that holds for %s (holds_from): name a version for a preview",
             period);
    return asked_refuse(ERR_BAD_QUERY, "version", text_of("absent"), limit, error);
}

static const struct result *find_result(const struct assessment *assessment, uint32_t scheme,
                                        const struct period *period, uint64_t at) {
    for (uint32_t i = 0; i < assessment->results.count; i++) {
        const struct result *result = ledger_row(&assessment->results, i);
        if (result->scheme == scheme && period_is(&result->period, period) && version_stands(&result->version, at)) {
            return result;
        }
    }
    return NULL;
}

/* What was published counts, unless another version is asked for. */
static int choose(const struct assessment *assessment, const struct wire_assessment_query *query, uint32_t name,
                  struct assessed *assessed, struct error *error) {
    const struct result *result = find_result(assessment, name, &assessed->period, assessed->at);
    int64_t edition = has(query, FIELD_assessment_query_version) ? query->version : result ? result->edition : 0;
    assessed->scheme = find_scheme(assessment, name, edition, assessed->at, &assessed->period);
    if (!assessed->scheme) {
        return no_version(query, error);
    }
    assessed->until = assessed->at;
    if (result && result->edition == assessed->scheme->edition) {
        assessed->result = result;
        assessed->at = result->at;
        assessed->until = result->frozen ? result->version.since : assessed->until;
    }
    return 0;
}

/* ---- which period ---- */

static int read_period(const struct assessment *assessment, const struct wire_assessment_query *query, uint32_t name,
                       struct assessed *assessed, struct error *error) {
    const struct scheme *any = find_scheme(assessment, name, 0, AT_HEAD, NULL);
    int64_t edition = has(query, FIELD_assessment_query_version) ? query->version : 0;
    const struct scheme *named = edition > 0 ? find_scheme(assessment, name, edition, AT_HEAD, NULL) : any;
    int32_t months = named ? named->months : any->months;
    bool fits = period_parse(query->period, &assessed->period) && assessed->period.months == months;
    if (!fits) {
        char value[WORD_SIZE];
        char limit[80];
        to_word(query->period, value);
        snprintf(limit, sizeof limit, "a %s, as %s",
                 months == 1   ? "month"
                 : months == 3 ? "quarter"
                               : "year",
                 period_example(months));
        return asked_refuse(ERR_BAD_QUERY, "period", text_of(value), limit, error);
    }
    int32_t last = assessed->period.first + months - 1;
    assessed->days.from = period_days(assessed->period.first, BY_MONTH).from;
    assessed->days.to = period_days(last, BY_MONTH).to;
    return 0;
}

static int read_unit(const struct tally *tally, const struct wire_assessment_query *query, struct assessed *assessed,
                     struct error *error) {
    char path[WORD_SIZE];
    assessed->unit = UNIT_NONE;
    if (!has(query, FIELD_assessment_query_unit)) {
        return 0;
    }
    to_word(query->unit, path);
    assessed->unit = units_find(&tally->units, query->unit);
    return assessed->unit != UNIT_NONE
               ? 0
               : error_set(error, ERR_UNKNOWN_UNIT, (struct error_words){.field = "unit", .value = path});
}

int assessed_read(const struct tally *tally, const struct wire_assessment_query *query, struct assessed *assessed,
                  struct error *error) {
    const struct assessment *assessment = tally->assessment;
    uint32_t name = names_find(&tally->names, query->scheme);
    *assessed = (struct assessed){0};
    if (name == NAME_NONE || !find_scheme(assessment, name, 0, AT_HEAD, NULL)) {
        char shown[WORD_SIZE];
        to_word(query->scheme, shown);
        return unknown("scheme", shown, "a scheme (see chaoxun scheme list)", error);
    }
    int result = moments_resolve(tally, query->at, &assessed->at, error);
    if (result == 0) {
        result = read_period(assessment, query, name, assessed, error);
    }
    if (result == 0) {
        result = read_unit(tally, query, assessed, error);
    }
    return result < 0 ? result : choose(assessment, query, name, assessed, error);
}

uint64_t assessed_seq(const struct tally *tally, const struct assessed *assessed) {
    return assessed->at == AT_HEAD ? tally->position.seq : assessed->at;
}
