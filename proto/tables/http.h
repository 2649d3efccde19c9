/* The documents of the HTTP door beside events and answers: sign-in, units, imports, readiness, problems.
 *
 * One row per field, as in the other tables; all are JSON only.
 */
#pragma once

#define PROBLEM_DOCUMENT_FIELDS(F) \
    F(problem_document, type, TEXT, REQUIRED, HEAD, 1, 80, "", no_shape, "urn:chaoxun:problem: and the wire code") \
    F(problem_document, title, TEXT, REQUIRED, HEAD, 1, 80, "", no_shape, "the HTTP status in Chinese") \
    F(problem_document, status, INT, REQUIRED, HEAD, 400, 599, "", no_shape, "the HTTP status") \
    F(problem_document, detail, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "what was wrong and what to do, in Chinese") \
    F(problem_document, detail_en, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "the same in English") \
    F(problem_document, code, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "wire code of errors.def") \
    F(problem_document, faults, RECORDS, OPTIONAL, HEAD, 0, 32, "", fault, "each fault, where fields are at fault") \
    F(problem_document, as_of, TEXT, OPTIONAL, HEAD, 1, 120, "", no_shape, "position of the answering service, where it is behind") \
    F(problem_document, retry_after, INT, OPTIONAL, HEAD, 0, 3600000, "milliseconds", no_shape, "when to try again")

#define SIGN_IN_FIELDS(F) \
    F(sign_in, account, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "sign-in name") \
    F(sign_in, password, TEXT, REQUIRED, HEAD, 1, 1024, "", no_shape, "password")

#define SESSION_ANSWER_FIELDS(F) \
    F(session_answer, account, NUMBER, REQUIRED, HEAD, 1, 32, "", no_shape, "the signed-in account") \
    F(session_answer, unit, PATH, REQUIRED, HEAD, 0, 100, "", no_shape, "its unit") \
    F(session_answer, role, ROLE, REQUIRED, HEAD, 0, 0, "", no_shape, "its role") \
    F(session_answer, role_name, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "the role in Chinese") \
    F(session_answer, expires_at, TIME, OPTIONAL, HEAD, 0, 0, "milliseconds", no_shape, "when the session ends") \
    F(session_answer, token, TEXT, OPTIONAL, HEAD, 1, 100, "", no_shape, "a new bearer token, shown this once")

#define PASSWORD_CHANGE_FIELDS(F) \
    F(password_change, old_password, TEXT, OPTIONAL, HEAD, 1, 1024, "", no_shape, "required for one's own account") \
    F(password_change, password, TEXT, REQUIRED, HEAD, 8, 1024, "", no_shape, "the new password")

#define UNIT_ENTRY_FIELDS(F) \
    F(unit_entry, unit, PATH, REQUIRED, HEAD, 1, 100, "", no_shape, "its path") \
    F(unit_entry, name, TEXT, REQUIRED, HEAD, 0, 40, "", no_shape, "its short name")

#define UNITS_ANSWER_FIELDS(F) \
    F(units_answer, as_of, TEXT, REQUIRED, HEAD, 1, 120, "", no_shape, "position at which the list stands") \
    F(units_answer, units, RECORDS, REQUIRED, HEAD, 0, 100000, "", unit_entry, "the units")

#define IMPORT_FAULT_FIELDS(F) \
    F(import_fault, row, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "row of the file; the header is row 1") \
    F(import_fault, field, TEXT, REQUIRED, HEAD, 0, 120, "", no_shape, "column, or path of the field") \
    F(import_fault, code, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "wire code of errors.def") \
    F(import_fault, limit, TEXT, OPTIONAL, HEAD, 0, 200, "", no_shape, "the limit that was passed") \
    F(import_fault, value, TEXT, OPTIONAL, HEAD, 0, 60, "", no_shape, "what was found, cut to 60 characters") \
    F(import_fault, text, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "what to do, in Chinese") \
    F(import_fault, text_en, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "what to do, in English")

#define IMPORT_WARNING_FIELDS(F) \
    F(import_warning, row, INT, REQUIRED, HEAD, 1, INT64_MAX, "", no_shape, "row of the file") \
    F(import_warning, text, TEXT, REQUIRED, HEAD, 0, 300, "", no_shape, "what is doubtful in it, in Chinese; it was kept")

#define IMPORT_ANSWER_FIELDS(F) \
    F(import_answer, encoding, TEXT, REQUIRED, HEAD, 1, 20, "", no_shape, "encoding that the file was read in") \
    F(import_answer, rows, INT, REQUIRED, HEAD, 0, INT64_MAX, "rows", no_shape, "rows of data in the file") \
    F(import_answer, stored, INT, REQUIRED, HEAD, 0, INT64_MAX, "rows", no_shape, "new reports") \
    F(import_answer, duplicate, INT, REQUIRED, HEAD, 0, INT64_MAX, "rows", no_shape, "known already, nothing added") \
    F(import_answer, amended, INT, REQUIRED, HEAD, 0, INT64_MAX, "rows", no_shape, "amendments of known reports") \
    F(import_answer, rejected, INT, REQUIRED, HEAD, 0, INT64_MAX, "rows", no_shape, "not kept, see faults") \
    F(import_answer, conflict, INT, REQUIRED, HEAD, 0, INT64_MAX, "rows", no_shape, "changed rows with a known 编号; amend=true sends them as amendments") \
    F(import_answer, busy, INT, REQUIRED, HEAD, 0, INT64_MAX, "rows", no_shape, "not kept; send the file again") \
    F(import_answer, position, TEXT, REQUIRED, HEAD, 0, 120, "", no_shape, "position that holds them, for at_least") \
    F(import_answer, faults_more, INT, REQUIRED, HEAD, 0, INT64_MAX, "", no_shape, "faults beyond those that are listed") \
    F(import_answer, faults, RECORDS, REQUIRED, HEAD, 0, 100000, "", import_fault, "by row and column") \
    F(import_answer, warnings, RECORDS, REQUIRED, HEAD, 0, 100000, "", import_warning, "what is doubtful, by row")

#define DRAFT_QUERY_FIELDS(F) \
    F(draft_query, text, PROSE, REQUIRED, HEAD, 1, 2000, "", no_shape, "what a squad wrote: 清洁家园 今天上午 河西社区 20人 3小时 清理牛皮癣200处") \
    F(draft_query, unit, TEXT, OPTIONAL, HEAD, 1, 100, "", no_shape, "the squad, by path, code or name, where the text names none; a squad's account's own when absent")

#define DRAFT_PIECE_FIELDS(F) \
    F(draft_piece, field, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "field of the report, or unit") \
    F(draft_piece, header, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "the field as people know it: 地点") \
    F(draft_piece, words, PROSE, REQUIRED, HEAD, 1, 2000, "", no_shape, "the words of the text that it was read from")

#define DRAFT_ANSWER_FIELDS(F) \
    F(draft_answer, understood, RECORDS, REQUIRED, HEAD, 0, 80, "", draft_piece, "each field that was filled, with the words") \
    F(draft_answer, unknown, TEXTS, REQUIRED, HEAD, 0, 80, "", no_shape, "words that were not understood: they fill nothing") \
    F(draft_answer, faults, RECORDS, REQUIRED, HEAD, 0, 32, "", fault, "what intake would refuse: what is missing, or wrong; the field is its header") \
    F(draft_answer, warnings, TEXTS, REQUIRED, HEAD, 0, 4, "", no_shape, "what is doubtful or was worked out, in Chinese")

#define HEALTH_ANSWER_FIELDS(F) \
    F(health_answer, status, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "ok; of a gateway's report: noted")

#define READY_PART_FIELDS(F) \
    F(ready_part, name, TEXT, REQUIRED, HEAD, 1, 40, "", no_shape, "the part") \
    F(ready_part, ready, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "it answers, and holds what was there at the start") \
    F(ready_part, position, TEXT, OPTIONAL, HEAD, 0, 120, "", no_shape, "where it stands") \
    F(ready_part, reason, TEXT, OPTIONAL, HEAD, 0, 300, "", no_shape, "why it is not ready, in English") \
    F(ready_part, reason_zh, TEXT, OPTIONAL, HEAD, 0, 300, "", no_shape, "the same in Chinese")

#define READY_ANSWER_FIELDS(F) \
    F(ready_answer, ready, BOOL, REQUIRED, HEAD, 0, 0, "", no_shape, "every part is") \
    F(ready_answer, durability, CODE, REQUIRED, HEAD, 1, 32, "", no_shape, "what a receipt stands for: fsynced") \
    F(ready_answer, parts, RECORDS, REQUIRED, HEAD, 0, 20, "", ready_part, "each part")
