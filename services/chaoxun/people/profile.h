/* Column profiles: which header of a platform's list of hours means what. A small text file that the office edits
 * (scripts/data/profiles/); its name without .conf is the platform's code. */
#pragma once

#include "common/error.h"
#include "proto/types.h"

#define PROFILE_TEXT_SIZE 64
#define PROFILE_GRADES_MAX 16

enum profile_column {
    PROFILE_PLATFORM, /* the volunteer's number there */
    PROFILE_NUMBER,   /* in the squad's books */
    PROFILE_NAME,
    PROFILE_ACTIVITY, /* id, or 编号 of a report */
    PROFILE_DATE,
    PROFILE_HOURS,
    PROFILE_MINUTES,
    PROFILE_GRADE,
    PROFILE_COLUMNS
};

struct profile {
    char code[PROFILE_TEXT_SIZE];
    bool gb18030;
    char headers[PROFILE_COLUMNS][PROFILE_TEXT_SIZE]; /* empty: the list does not have it */
    enum profile_column order[PROFILE_COLUMNS];       /* as they stand in the file */
    uint32_t count;
    char words[PROFILE_GRADES_MAX][PROFILE_TEXT_SIZE];
    int grades[PROFILE_GRADES_MAX];
    uint32_t grade_count;
    int default_grade;
};

/* -ERR_BAD_SETTING with the file and the line, or with what the profile lacks: a volunteer's column, a date, a length. */
int profile_read(struct profile *profile, const char *path, struct error *error);

int profile_grade(const struct profile *profile, struct text word); /* enum grade */
const char *profile_word(const struct profile *profile, int grade); /* of the list; Chinese where it has none */
