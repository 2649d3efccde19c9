/* The classes of a question about hours: which rows of a base a mix counts in. */
#include "common/error.h"
#include "services/aggregator/column.h"
#include "services/aggregator/people/hours_rows.h"

static struct hours_class class_of(const struct hours_question *question, int programme, int grade, uint32_t kind) {
    return (struct hours_class){
        .programme = question->by_programme ? programme : -1,
        .grade = question->by_grade ? grade : -1,
        .kind = question->by_kind ? SELECTOR_NUMBER(kind) : NAME_NONE,
    };
}

static bool class_is(const struct hours_class *class, const struct hours_class *wanted) {
    return class->programme == wanted->programme && class->grade == wanted->grade && class->kind == wanted->kind;
}

uint32_t hours_class_find(const struct hours_rows *rows, const struct hours_question *question, int programme,
                          int grade, uint32_t kind) {
    struct hours_class wanted = class_of(question, programme, grade, kind);
    uint32_t number = 0;
    while (number < rows->class_count && !class_is(&rows->classes[number], &wanted)) {
        number++;
    }
    return number < rows->class_count ? number : ROW_NONE;
}

static uint32_t class_at(struct hours_rows *rows, const struct hours_question *question, int programme, int grade,
                         uint32_t kind) {
    uint32_t found = hours_class_find(rows, question, programme, grade, kind);
    if (found != ROW_NONE || column_reserve(&rows->classes, &rows->class_capacity, (uint64_t)rows->class_count + 1,
                                            sizeof *rows->classes) < 0) {
        return found;
    }
    rows->classes[rows->class_count] = class_of(question, programme, grade, kind);
    return rows->class_count++;
}

/* The mix counts in the class; each class once. */
static int add_class(struct hours_rows *rows, uint32_t mix, uint32_t class) {
    for (uint32_t i = rows->mixes[mix].first; i < rows->mix_class_count; i++) {
        if (rows->mix_classes[i] == class) {
            return 0;
        }
    }
    if (class == ROW_NONE || column_reserve(&rows->mix_classes, &rows->mix_class_capacity,
                                            (uint64_t)rows->mix_class_count + 1, sizeof *rows->mix_classes) < 0) {
        return -(int)ERR_NO_MEMORY;
    }
    rows->mix_classes[rows->mix_class_count++] = class;
    return 0;
}

static int add_mix(struct hours_rows *rows, const struct hours_question *question, uint32_t number,
                   const struct mix *mix) {
    if (!hours_question_fits(question, mix)) {
        return 0;
    }
    if (!question->by_programme) {
        return add_class(rows, number, class_at(rows, question, -1, mix->grade, mix->kind));
    }
    int result = 0;
    for (int programme = 0; programme < PROGRAMME_COUNT && result == 0; programme++) {
        bool serves = mix->programmes >> programme & 1;
        if (serves && (question->programme < 0 || question->programme == programme)) {
            result = add_class(rows, number, class_at(rows, question, programme, mix->grade, mix->kind));
        }
    }
    return result;
}

int hours_classes_make(struct hours_rows *rows, const struct people *people, const struct hours_question *question) {
    uint32_t mixes = people_count(people, PEOPLE_MIXES);
    int result = column_reserve(&rows->mixes, &rows->mix_capacity, (uint64_t)mixes + 1, sizeof *rows->mixes);
    for (uint32_t number = 0; number < mixes && result == 0; number++) {
        const struct mix *mix = people_mix(people, number);
        rows->mixes[number] = (struct hours_mix){
            .first = rows->mix_class_count, .grade = mix->grade, .sums = hours_question_sums(question, mix->grade)};
        result = add_mix(rows, question, number, mix);
        rows->mixes[number].count = (uint16_t)(rows->mix_class_count - rows->mixes[number].first);
    }
    return result;
}
