/* The protocol reference as Markdown: a section per table. */
#include "proto/reference.h"

#include <inttypes.h>

#include "proto/event.h"
#include "proto/faults.h"
#include "proto/json.h"

static void title(FILE *out, const char *text, const char *prose) {
    fprintf(out, "\n## %s\n\n%s%s", text, prose, *prose ? "\n\n" : "");
}

/* A table's head: the columns' names, ended by NULL. */
static void columns(FILE *out, const char *const *names) {
    for (size_t i = 0; names[i]; i++) {
        fprintf(out, "| %s ", names[i]);
    }
    fputs("|\n", out);
    for (size_t i = 0; names[i]; i++) {
        fputs("|---", out);
    }
    fputs("|\n", out);
}

#define COLUMNS(out, ...) columns(out, (const char *const[]){__VA_ARGS__, NULL})

/* One cell; what would end it is escaped. */
static void cell(FILE *out, const char *text) {
    fputs("| ", out);
    for (; *text; text++) {
        if (*text == '|') {
            fputc('\\', out);
        }
        fputc(*text, out);
    }
    fputc(' ', out);
}

static void code_cell(FILE *out, const char *text) {
    fprintf(out, *text ? "| `%s` " : "| ", text);
}

static void end_row(FILE *out) {
    fputs("|\n", out);
}

/* ---- frames ---- */

static const char frames_prose[] =
    "Every request to a ROUTER door is multipart: `[\"CX1\"][verb][correlation][payload]` and, from a delegate, a "
    "fifth\n"
    "frame. The correlation is 0 to 64 opaque bytes; the answer carries them back:\n"
    "`[\"CX1\"][verb of the answer][correlation][payload]`. There are no empty delimiter frames: use a DEALER socket.\n"
    "Payloads are MessagePack of the shapes below. All edges are CURVE with ZAP.\n\n"
    "An XPUB door sends `[topic][\"CX1\"][position]`; the topic is a unit's path. It is lossy: a wake-up to ask, no "
    "more.";

static void write_frames(FILE *out) {
    static const char *const rows[][6] = {
#define VERB(edge, verb, payload, reply, answer, prose) {edge, verb, payload, reply, answer, prose},
#include "proto/tables/verbs.def"
#undef VERB
    };
    title(out, "Frames", frames_prose);
    COLUMNS(out, "door", "verb", "payload", "reply", "its payload", "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cell(out, rows[i][0]);
        code_cell(out, rows[i][1]);
        cell(out, rows[i][2]);
        code_cell(out, rows[i][3]);
        cell(out, rows[i][4]);
        cell(out, rows[i][5]);
        end_row(out);
    }
}

static void write_edges(FILE *out) {
    static const char *const rows[][6] = {
#define EDGE(NAME, name, pattern, binder, endpoint, peers, prose) {name, #pattern, binder, endpoint, peers, prose},
#include "proto/tables/edges.def"
#undef EDGE
    };
    title(out, "Edges",
          "Who may say what to whom. The setting `endpoint.<name>` overrides an endpoint; the operator's key\nmay use "
          "every edge.");
    COLUMNS(out, "edge", "pattern", "bound by", "default endpoint", "who may connect", "what flows");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        code_cell(out, rows[i][0]);
        cell(out, rows[i][1]);
        cell(out, rows[i][2]);
        code_cell(out, rows[i][3]);
        cell(out, rows[i][4]);
        cell(out, rows[i][5]);
        end_row(out);
    }
}

/* ---- events and shapes ---- */

static void write_types(FILE *out) {
    title(out, "Event types", "A type that is not served yet is rejected as `not-yet`; its rows may still change.");
    COLUMNS(out, "type", "served", "least role", "shape", "");
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        const struct event_row *row = event_row((enum event_type)type);
        code_cell(out, row->wire);
        cell(out, row->served ? "yes" : "not yet");
        cell(out, word_wire(KIND_ROLE, (int)row->who));
        fprintf(out, "| [%s](#%s) ", row->body->name, row->body->name);
        cell(out, row->prose);
        end_row(out);
    }
}

static bool has_limits(enum field_kind kind) {
    return kind != KIND_ID && kind != KIND_HASH && kind != KIND_KEY && kind != KIND_BOOL && kind != KIND_TIME &&
           kind != KIND_MAP && kind != KIND_RECORD && word_count(kind) == 0;
}

static void limits_cell(FILE *out, const struct field *field) {
    if (!has_limits(field->kind)) {
        cell(out, "");
    } else if (field->min == INT64_MIN) {
        cell(out, "any");
    } else if (field->max == INT64_MAX) {
        fprintf(out, "| from %" PRId64 " ", field->min);
    } else {
        fprintf(out, "| %" PRId64 " to %" PRId64 " ", field->min, field->max);
    }
}

static void field_row(FILE *out, const struct shape *shape, const struct field *field) {
    code_cell(out, field->name);
    if (field->sub) {
        fprintf(out, "| %s of [%s](#%s) ", kind_name(field->kind), field->sub->name, field->sub->name);
    } else {
        cell(out, kind_name(field->kind));
    }
    code_cell(out, kind_wire(field->kind));
    cell(out, field->required ? "yes" : "");
    if (shape->has_side) {
        cell(out, field->side ? "side" : "body");
    }
    limits_cell(out, field);
    cell(out, field->unit);
    cell(out, field->prose);
    end_row(out);
}

static void write_shape(FILE *out, const struct shape *shape) {
    fprintf(out, "\n### %s\n\n", shape->name);
    if (shape->has_side) {
        COLUMNS(out, "field", "kind", "wire", "required", "in", "limits", "unit", "");
    } else {
        COLUMNS(out, "field", "kind", "wire", "required", "limits", "unit", "");
    }
    for (uint32_t i = 0; i < shape->field_count; i++) {
        field_row(out, shape, &shape->fields[i]);
    }
}

static const char envelope_prose[] = "An event is a MessagePack map. Fields with figures stand in `body`, personal "
                                     "data and free text in `side`. Canonical\n"
                                     "bytes (for comparing duplicates and for commitments) have the fields in the "
                                     "order of the tables, absent ones left\n"
                                     "out, and the shortest form of each value. Keys may come in any order; a key that "
                                     "occurs twice or that is not known\n"
                                     "is refused.";

static void write_shapes(FILE *out) {
#define SHAPE_BY_NAME(shape, FIELDS) write_shape(out, shape_of(SHAPE_##shape));
    title(out, "The envelope", envelope_prose);
    SHAPE_BY_NAME(envelope, )
    title(out, "Bodies", "The shapes of `body` and `side`, and of the records in them.");
    BODY_SHAPES(SHAPE_BY_NAME)
    title(out, "Messages", "Requests, answers and receipts; never journaled.");
    MESSAGE_SHAPES(SHAPE_BY_NAME)
    title(out, "HTTP documents", "JSON only; the addresses stand in the OpenAPI description.");
    HTTP_SHAPES(SHAPE_BY_NAME)
#undef SHAPE_BY_NAME
}

/* ---- vocabularies ---- */

static void write_kinds(FILE *out) {
    title(out, "Kinds", "What the values are.");
    COLUMNS(out, "kind", "MessagePack", "JSON", "");
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        cell(out, kind_name((enum field_kind)kind));
        code_cell(out, kind_wire((enum field_kind)kind));
        cell(out, kind_json((enum field_kind)kind));
        cell(out, kind_prose((enum field_kind)kind));
        end_row(out);
    }
}

static void write_words(FILE *out) {
    title(out, "Words", "The closed vocabularies.");
    COLUMNS(out, "kind", "word", "Chinese", "");
    for (int kind = 0; kind < KIND_COUNT; kind++) {
        for (int value = 0; value < word_count((enum field_kind)kind); value++) {
            cell(out, kind_name((enum field_kind)kind));
            code_cell(out, word_wire((enum field_kind)kind, value));
            cell(out, word_chinese((enum field_kind)kind, value));
            cell(out, word_prose((enum field_kind)kind, value));
            end_row(out);
        }
    }
}

static void write_programmes(FILE *out) {
    static const char *const rows[][2] = {
#define PROGRAMME(name, code, chinese) {code, chinese},
#include "proto/tables/programmes.def"
#undef PROGRAMME
    };
    title(out, "Programmes", "");
    COLUMNS(out, "code", "name");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        code_cell(out, rows[i][0]);
        cell(out, rows[i][1]);
        end_row(out);
    }
}

static void write_template_fields(FILE *out) {
    static const struct {
        const char *name;
        const char *chinese;
        const char *rules;
        int units;
        const char *prose;
    } rows[] = {
#define TEMPLATE_FIELD(NAME, name, chinese, rules, units, prose) {name, chinese, rules, units, prose},
#include "proto/tables/template_fields.def"
#undef TEMPLATE_FIELD
    };
    title(out, "Fields of templates",
          "What `{...}` stands for in the templates of a rule, by either name, and for which rules it has a value.");
    COLUMNS(out, "name", "Chinese", "rules", "UTF-16 units at most", "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        code_cell(out, rows[i].name);
        cell(out, rows[i].chinese);
        cell(out, rows[i].rules);
        fprintf(out, "| %d ", rows[i].units);
        cell(out, rows[i].prose);
        end_row(out);
    }
}

static void write_errors(FILE *out) {
    static const struct error_words words = {"{field}", "{limit}", "{value}"};
    title(out, "Errors", "`{field}`, `{limit}` and `{value}` are filled in.");
    COLUMNS(out, "code", "HTTP", "English", "Chinese");
    for (int code = 1; code < ERR_COUNT; code++) {
        char text[ERROR_TEXT_MAX];
        code_cell(out, error_wire((enum error_code)code));
        fprintf(out, "| %d ", error_http((enum error_code)code));
        error_render(text, sizeof text, (enum error_code)code, LANGUAGE_EN, words);
        cell(out, text);
        error_render(text, sizeof text, (enum error_code)code, LANGUAGE_ZH, words);
        cell(out, text);
        end_row(out);
    }
}

/* ---- limits, settings, metrics ---- */

static void write_limits(FILE *out) {
    static const struct {
        const char *what;
        int limit;
    } limits[] = {
        {"bytes of a submit frame or an HTTP body", FRAME_BYTES_MAX},
        {"events in a frame", FRAME_EVENTS_MAX},
        {"bytes of one event", EVENT_BYTES_MAX},
        {"maps and arrays nested in an event, itself counted", EVENT_DEPTH_MAX},
        {"maps and arrays nested in a JSON document", JSON_DEPTH_MAX},
        {"objects and arrays in a JSON document", JSON_CONTAINERS_MAX},
        {"values in a JSON document", JSON_VALUES_MAX},
        {"faults named per event; the rest is counted", FAULTS_MAX},
    };
    title(out, "Limits",
          "Checked before anything is allocated. A count that could not fit into the bytes left is refused.");
    COLUMNS(out, "what", "at most");
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        cell(out, limits[i].what);
        fprintf(out, "| %d ", limits[i].limit);
        end_row(out);
    }
}

struct setting_row {
    const char *name;
    const char *kind;
    const char *otherwise;
    int64_t min;
    int64_t max;
    const char *unit;
    const char *services;
    const char *prose;
};

static void write_settings(FILE *out) {
    static const struct setting_row rows[] = {
#define SETTING(NAME, name, kind, otherwise, min, max, unit, services, prose) \
    {name, #kind, otherwise, min, max, unit, services, prose},
#include "proto/tables/settings.def"
#undef SETTING
    };
    title(out, "Settings",
          "Of the services: from a file (`name = value`), the environment (`CHAOXUN_` and the name in capitals) or "
          "the\ncommand line (`--name=value`); later ones win.");
    COLUMNS(out, "setting", "kind", "default", "limits", "unit", "read by", "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct setting_row *row = &rows[i];
        code_cell(out, row->name);
        cell(out, row->kind);
        code_cell(out, row->otherwise);
        fprintf(out, row->max > 0 ? "| %" PRId64 " to %" PRId64 " " : "| ", row->min, row->max);
        cell(out, row->unit);
        cell(out, row->services);
        cell(out, row->prose);
        end_row(out);
    }
}

static void write_metrics(FILE *out) {
    static const char *const rows[][5] = {
#define METRIC(NAME, name, kind, unit, services, prose) {name, #kind, unit, services, prose},
#include "proto/tables/metrics.def"
#undef METRIC
    };
    title(out, "Metrics",
          "In the Prometheus text format, at `/metrics` of the portal and by `status` of each service.");
    COLUMNS(out, "metric", "kind", "unit", "of", "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        code_cell(out, rows[i][0]);
        for (int column = 1; column < 5; column++) {
            cell(out, rows[i][column]);
        }
        end_row(out);
    }
}

int reference_write(FILE *out) {
    fputs("# Protocol reference\n\nWritten from the tables by `chaoxun-reference`; change the tables, not this page.\n",
          out);
    write_frames(out);
    write_edges(out);
    write_types(out);
    write_shapes(out);
    write_kinds(out);
    write_words(out);
    write_programmes(out);
    write_template_fields(out);
    write_errors(out);
    write_limits(out);
    write_settings(out);
    write_metrics(out);
    return ferror(out) ? -1 : 0;
}
