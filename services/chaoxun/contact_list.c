/* chaoxun contact list: whom the notices of each unit reach, folded from the stream with its side. */
#include <stdio.h>
#include <stdlib.h>

#include "services/chaoxun/command.h"
#include "services/chaoxun/contacts.h"
#include "services/chaoxun/grid.h"

static void add_columns(struct grid *grid, enum error_language language) {
    grid_column(grid, language_pick(language, "unit", "单位"), GRID_LEFT);
    grid_column(grid, language_pick(language, "person", "人员编号"), GRID_LEFT);
    grid_column(grid, language_pick(language, "post", "职务"), GRID_LEFT);
    grid_column(grid, language_pick(language, "order", "顺序"), GRID_RIGHT);
    grid_column(grid, language_pick(language, "name", "姓名"), GRID_LEFT);
    grid_column(grid, language_pick(language, "phone", "手机"), GRID_LEFT);
    grid_column(grid, language_pick(language, "e-mail", "邮箱"), GRID_LEFT);
    grid_column(grid, language_pick(language, "robot", "群机器人"), GRID_LEFT);
    grid_column(grid, language_pick(language, "govding", "浙政钉"), GRID_LEFT);
}

static void add_contact(struct grid *grid, const struct contacts *contacts, const struct contact_row *contact) {
    const struct registry_unit *unit = registry_find_unit(&contacts->registry, contact->unit);
    grid_cell(grid, unit && unit->name.length > 0 ? unit->name : contact->unit);
    grid_cell(grid, contact->person);
    grid_cell(grid, contact->post);
    if (contact->order > 0) {
        grid_cellf(grid, "%lld", (long long)contact->order);
    } else {
        grid_cell(grid, text_of(""));
    }
    grid_cell(grid, contact->name);
    grid_cell(grid, contact->phone);
    grid_cell(grid, contact->email);
    grid_cell(grid, contact->robot);
    grid_cell(grid, contact->govding);
}

static int print_contacts(const struct session *session, const struct contacts *contacts, struct text unit) {
    struct grid *grid = grid_create();
    if (!grid) {
        return EXIT_REFUSED;
    }
    add_columns(grid, session->language);
    for (uint32_t i = 0; i < contacts->count; i++) {
        const struct contact_row *contact = &contacts->rows[i];
        if (!contact->off && (unit.length == 0 || path_is_within(contact->unit, unit))) {
            add_contact(grid, contacts, contact);
        }
    }
    bool whole = grid_print(grid, stdout);
    grid_destroy(&grid);
    return whole ? 0 : EXIT_REFUSED;
}

static int list(const struct session *session) {
    const struct options *options = session->options;
    const char *word = option_text(options, "unit");
    struct contacts contacts;
    struct error error;
    struct text unit = {0};
    int result = contacts_load(&contacts, session, &error);
    if (result != 0) {
        return command_fail(options, &error);
    }
    const struct registry_unit *found = word ? registry_find_unit(&contacts.registry, text_of(word)) : NULL;
    if (word && !found) {
        error_set(&error, ERR_UNKNOWN_UNIT, (struct error_words){.value = word});
        result = -(int)ERR_UNKNOWN_UNIT;
    } else if (found) {
        unit = found->path;
    }
    int status = result != 0 ? command_fail(options, &error) : print_contacts(session, &contacts, unit);
    contacts_free(&contacts);
    return status;
}

static int run_list(const struct options *options) {
    struct session session;
    struct error error;
    int result = session_open(&session, options, NULL, NULL, &error);
    int status = result != 0 ? command_fail(options, &error) : list(&session);
    session_close(&session);
    return status;
}

static const struct option_row rows[] = {
    {.name = "unit",
     .kind = OPTION_TEXT,
     .word = "PATH",
     .prose = "only this unit and what lies under it; by name too"},
    {.name = NULL},
};

const struct command command_contact_list = {
    .name = "contact list",
    .summary = "the persons whom the messages of each unit reach",
    .usage = "[OPTION...]",
    .about =
        "Read from the stream with personal data, which takes the operator's key. Who was switched off or erased is\n"
        "left out.\n",
    .options = rows,
    .run = run_list,
};
