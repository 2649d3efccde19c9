/* A platform's list of hours: a CSV file read by a column profile, each row with the volunteer that it means. */
#pragma once

#include "common/import/table.h"
#include "services/chaoxun/people/profile.h"
#include "services/chaoxun/session.h"

struct list_row {
    uint32_t number;     /* as the spreadsheet counts */
    struct id volunteer; /* zero where nobody was found */
    struct text who;     /* as the list names the person */
    struct text name;
    struct text activity; /* as written; empty where the list has none */
    int32_t date;
    int32_t minutes;
    int grade;
    const char *fault; /* Chinese; NULL for a good row */
    const char *fault_header;
};

struct platform_list {
    struct table table;
    struct list_row *rows;
    uint32_t count;
    uint32_t faults;
};

/* Reads the file and finds the volunteers. Errors are those of the file, its header or the record; faults of rows stand in
 * them. Blocks. */
int platform_list_read(struct platform_list *list, const struct session *session, const struct profile *profile,
                       const char *path, struct arena *arena, struct error *error);
void platform_list_free(struct platform_list *list);

/* The rows with faults on standard error. */
void platform_list_tell(const struct platform_list *list, enum error_language language);
