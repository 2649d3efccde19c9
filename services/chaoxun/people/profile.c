/* Reading a column profile. */
#include "services/chaoxun/people/profile.h"

#include <stdio.h>

#include "common/config_file.h"
#include "proto/shape.h"

static const char *const columns[PROFILE_COLUMNS] = {"platform", "number", "name",    "activity",
                                                     "date",     "hours",  "minutes", "grade"};

static int bad(struct error *error, const char *field, const char *value, const char *limit) {
    return error_set(error, ERR_BAD_SETTING, (struct error_words){.field = field, .value = value, .limit = limit});
}

static int take_column(struct profile *profile, const char *name, const char *value, struct error *error) {
    for (uint32_t i = 0; i < PROFILE_COLUMNS; i++) {
        if (strcmp(name, columns[i]) == 0) {
            if (profile->headers[i][0] != '\0' || strlen(value) >= PROFILE_TEXT_SIZE || *value == '\0') {
                return bad(error, name, value, "one header of at most 63 bytes");
            }
            snprintf(profile->headers[i], PROFILE_TEXT_SIZE, "%s", value);
            profile->order[profile->count++] = (enum profile_column)i;
            return 0;
        }
    }
    return bad(error, "columns", name, "platform, number, name, activity, date, hours, minutes or grade");
}

static int take_grade(struct profile *profile, const char *name, const char *value, struct error *error) {
    int grade = word_find(KIND_GRADE, text_of(value));
    if (grade < 0 || strlen(name) >= PROFILE_TEXT_SIZE) {
        return bad(error, name, value, "signed, leader, entered, credit or honour");
    }
    if (strcmp(name, "default") == 0) {
        profile->default_grade = grade;
        return 0;
    }
    if (profile->grade_count == PROFILE_GRADES_MAX) {
        return bad(error, "grades", name, "at most 16 words");
    }
    snprintf(profile->words[profile->grade_count], PROFILE_TEXT_SIZE, "%s", name);
    profile->grades[profile->grade_count++] = grade;
    return 0;
}

static int take(void *data, const char *name, const char *value, struct error *error) {
    struct profile *profile = data;
    if (strncmp(name, "columns.", strlen("columns.")) == 0) {
        return take_column(profile, name + strlen("columns."), value, error);
    }
    if (strncmp(name, "grades.", strlen("grades.")) == 0) {
        return take_grade(profile, name + strlen("grades."), value, error);
    }
    bool known = strcmp(value, "gb18030") == 0 || strcmp(value, "utf-8") == 0;
    if (strcmp(name, "list.encoding") != 0 || !known) {
        return bad(error, name, value, "list.encoding = utf-8 or gb18030, [columns] and [grades]");
    }
    profile->gb18030 = strcmp(value, "gb18030") == 0;
    return 0;
}

/* The code of the platform: the file's name. */
static int take_code(struct profile *profile, const char *path, struct error *error) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t length = strcspn(name, ".");
    if (length == 0 || length > 32 || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") < length) {
        return bad(error, "profile", path, "a file named by the platform's code, a-z 0-9 -, .conf");
    }
    snprintf(profile->code, sizeof profile->code, "%.*s", (int)length, name);
    return 0;
}

static bool has(const struct profile *profile, enum profile_column column) {
    return profile->headers[column][0] != '\0';
}

int profile_read(struct profile *profile, const char *path, struct error *error) {
    *profile = (struct profile){.default_grade = GRADE_ENTERED};
    int result = take_code(profile, path, error);
    if (result == 0) {
        result = config_file_read(path, take, profile, error);
    }
    if (result < 0) {
        return result;
    }
    if (!has(profile, PROFILE_PLATFORM) && !has(profile, PROFILE_NUMBER)) {
        return bad(error, path, "no volunteer", "columns.platform or columns.number");
    }
    if (!has(profile, PROFILE_DATE) || has(profile, PROFILE_HOURS) == has(profile, PROFILE_MINUTES)) {
        return bad(error, path, "no date or length", "columns.date, and one of columns.hours and columns.minutes");
    }
    return 0;
}

int profile_grade(const struct profile *profile, struct text word) {
    for (uint32_t i = 0; i < profile->grade_count; i++) {
        if (text_equal(word, text_of(profile->words[i]))) {
            return profile->grades[i];
        }
    }
    return profile->default_grade;
}

const char *profile_word(const struct profile *profile, int grade) {
    for (uint32_t i = 0; i < profile->grade_count; i++) {
        if (profile->grades[i] == grade) {
            return profile->words[i];
        }
    }
    return word_chinese(KIND_GRADE, grade);
}
