/* Problems and their life; lives.def says which step may follow which.
 *
 * One row per field:
 *   F(shape, name, KIND, required, place, min, max, unit, sub, prose)
 *   required  REQUIRED or OPTIONAL
 *   place     HEAD (figures need it, kept for ever) or SIDE (personal or free text, can be removed)
 *   min, max  kinds.def says what they count for each kind
 *   unit      of the value, "" where it has none
 *   sub       the shape of a RECORDS item, no_shape elsewhere
 */
#pragma once

#define PROBLEM_FIELDS(F) \
    F(problem, report, ID, OPTIONAL, HEAD, 0, 0, "", no_shape, "the report it was found in") \
    F(problem, kind, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "kind of problem") \
    F(problem, case_number, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "number in the city's own system") \
    F(problem, solved, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "solved on the spot") \
    F(problem, town, TEXT, OPTIONAL, HEAD, 1, 20, "", no_shape, "town or street") \
    F(problem, spot, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "lasting name of the place, by which recurrences are found: 河西社区3号楼北侧; never a person's address") \
    F(problem, programme, CODE, OPTIONAL, HEAD, 1, 32, "", no_shape, "the programme under which it was found") \
    F(problem, place, TEXT, OPTIONAL, SIDE, 1, 200, "", no_shape, "where") \
    F(problem, description, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "what")

#define PROBLEM_ASSIGNMENT_FIELDS(F) \
    F(problem_assignment, problem, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the problem") \
    F(problem_assignment, to, PATH, OPTIONAL, HEAD, 1, 100, "", no_shape, "unit that deals with it") \
    F(problem_assignment, office, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "another office that deals with it") \
    F(problem_assignment, due, DATE, OPTIONAL, HEAD, 2000, 2100, "day", no_shape, "by when")

#define PROBLEM_STEP_FIELDS(F) \
    F(problem_step, problem, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the problem") \
    F(problem_step, case_number, TEXT, OPTIONAL, HEAD, 1, 60, "", no_shape, "its number in the city's own system, where it has one by now") \
    F(problem_step, note, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "what was done")

#define PROBLEM_REOPENING_FIELDS(F) \
    F(problem_reopening, problem, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the problem") \
    F(problem_reopening, came_back, BOOL, OPTIONAL, HEAD, 0, 0, "", no_shape, "true: it came back (复发); false: not really fixed (返工)") \
    F(problem_reopening, note, PROSE, OPTIONAL, SIDE, 1, 2000, "", no_shape, "what was seen")

#define PROBLEM_DUPLICATE_FIELDS(F) \
    F(problem_duplicate, problem, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the problem") \
    F(problem_duplicate, of, ID, REQUIRED, HEAD, 0, 0, "", no_shape, "the problem raised before")
