/* chaoxun unit: the tree of units. */
#include <stdio.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/grid.h"
#include "services/chaoxun/receipts.h"
#include "services/chaoxun/registry.h"

/* ---- list ---- */

static int print_units(const struct session *session, const struct registry *registry) {
    enum error_language language = session->language;
    struct grid *grid = grid_create();
    if (!grid) {
        return EXIT_REFUSED;
    }
    grid_column(grid, language_pick(language, "path", "路径"), GRID_LEFT);
    grid_column(grid, language_pick(language, "name", "简称"), GRID_LEFT);
    grid_column(grid, language_pick(language, "full name", "全称"), GRID_LEFT);
    grid_column(grid, language_pick(language, "kind", "类别"), GRID_LEFT);
    grid_column(grid, language_pick(language, "order", "次序"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "state", "状态"), GRID_LEFT);
    for (uint32_t i = 0; i < registry->unit_count; i++) {
        const struct registry_unit *unit = &registry->units[i];
        grid_cell(grid, unit->path);
        grid_cell(grid, unit->name);
        grid_cell(grid, unit->full_name);
        grid_cell(grid, unit->kind);
        grid_cellf(grid, "%lld", (long long)unit->order);
        grid_cell(grid, text_of(unit->closed ? language_pick(language, "closed", "已停用") : ""));
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole ? 0 : EXIT_REFUSED;
}

static int run_list(const struct options *options) {
    return registry_run(options, print_units);
}

const struct command command_unit_list = {
    .name = "unit list",
    .summary = "the units with their paths, names and kinds",
    .usage = "[OPTION...]",
    .about = "Read from the stream, as every service reads them.\n",
    .run = run_list,
};

/* ---- set ---- */

/* What is not given stays as it is. */
static void keep_known(const struct registry_unit *known, struct wire_unit *unit) {
    unit->name = known->name;
    unit->kind = known->kind;
    wire_set(&unit->present, FIELD_unit_name);
    wire_set(&unit->present, FIELD_unit_kind);
    unit->order = known->order;
    wire_set(&unit->present, FIELD_unit_order);
    if (known->full_name.length > 0) {
        unit->full_name = known->full_name;
        wire_set(&unit->present, FIELD_unit_full_name);
    }
    if (known->closed) {
        unit->closed = true;
        wire_set(&unit->present, FIELD_unit_closed);
    }
}

static void take_text(const struct options *options, const char *name, unsigned field, struct text *text,
                      uint64_t *present) {
    const char *value = option_text(options, name);
    if (value) {
        *text = text_of(value);
        wire_set(present, field);
    }
}

static void take_options(const struct options *options, struct wire_unit *unit) {
    take_text(options, "name", FIELD_unit_name, &unit->name, &unit->present);
    take_text(options, "full-name", FIELD_unit_full_name, &unit->full_name, &unit->present);
    take_text(options, "kind", FIELD_unit_kind, &unit->kind, &unit->present);
    if (option_given(options, "order")) {
        unit->order = option_int(options, "order", 0);
        wire_set(&unit->present, FIELD_unit_order);
    }
    if (option_given(options, "closed") || option_given(options, "open")) {
        unit->closed = option_given(options, "closed");
        wire_set(&unit->present, FIELD_unit_closed);
    }
}

static int set_unit(const struct session *session, const struct registry *registry) {
    const struct options *options = session->options;
    struct text path = text_of(option_operand(options, 0));
    const struct registry_unit *known = registry_find_unit(registry, path);
    union event_body body = {0};
    if (known && text_equal(known->path, path)) {
        keep_known(known, &body.unit);
    }
    take_options(options, &body.unit);
    if (!wire_has(body.unit.present, FIELD_unit_name) || !wire_has(body.unit.present, FIELD_unit_kind)) {
        return command_usage(options, "a new unit needs --name and --kind");
    }
    struct event event = event_now(EVENT_UNIT_SET, path, &body);
    return receipt_submit(session, &event);
}

static int run_set(const struct options *options) {
    return registry_run(options, set_unit);
}

static const struct option_row set_rows[] = {
    {.name = "name", .kind = OPTION_TEXT, .word = "TEXT", .prose = "short name, for screens: 许村志愿中队"},
    {.name = "full-name", .kind = OPTION_TEXT, .word = "TEXT", .prose = "full name, for documents"},
    {.name = "kind",
     .kind = OPTION_TEXT,
     .word = "CODE",
     .prose = "brigade, squad, team, city, province, guide",
     .values = "brigade squad team city province guide"},
    {.name = "order", .kind = OPTION_INT, .word = "N", .prose = "place in lists", .min = 0, .max = 100000},
    {.name = "closed", .kind = OPTION_FLAG, .prose = "takes no new reports; its figures stay"},
    {.name = "open", .kind = OPTION_FLAG, .prose = "takes reports again"},
    {.name = NULL},
};

const struct command command_unit_set = {
    .name = "unit set",
    .summary = "make a unit, or change its names or place",
    .usage = "PATH [OPTION...]",
    .about = "PATH is the way down the tree: haining/xucun. Of a known unit, what is not given stays as it is.\n"
             "Example: chaoxun unit set haining/xucun/dongmen --name 东门小队 --kind team\n",
    .options = set_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_set,
};
