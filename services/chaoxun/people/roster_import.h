/* The rows of a roster to intake: the work of `chaoxun volunteer import`.
 *
 * Each row is compared with the record as it stands at the journal's head, and only what differs is sent: an enrolment, an
 * update, a leaving. So the same file twice adds nothing, and a file whose import was cut off is simply imported again.
 * A number that stands in several rows (one person, several squads) is dealt with in rounds: its next row is looked at
 * when the one before is stored. The id of an enrolment follows from unit, 编号 and the operator's secret key: two imports
 * at the same time enrol once, nobody can work out a number from an id, and whoever was erased is not brought back by an
 * old list.
 */
#pragma once

#include "services/chaoxun/people/volunteer_sheet.h"
#include "services/chaoxun/row_telling.h"
#include "services/chaoxun/session.h"

struct roster_summary {
    uint32_t rows;
    uint32_t enrolled;
    uint32_t updated;
    uint32_t left;
    uint32_t unchanged; /* rows that say nothing new */
    uint32_t rejected;
    uint32_t notes;
};

struct roster_job {
    const struct session *session;
    struct volunteer_sheet *sheet;
    bool check; /* count what would be done, send nothing */
    struct row_telling *telling;
};

/* 0 when every row was dealt with (see the summary for refused ones), else the error of connection or record. Blocks. */
int roster_import(const struct roster_job *job, struct roster_summary *summary, struct error *error);
