/* chaoxun volunteer add: a volunteer's particulars come on standard input, never as arguments. */
#include "services/chaoxun/command.h"
#include "services/chaoxun/particulars.h"

static int run_add(const struct options *options) {
    return particulars_submit(options, &(struct particulars){EVENT_VOLUNTEER_ENROLLED, .tells_id = true});
}

static const struct option_row add_rows[] = {
    {.name = "unit", .kind = OPTION_TEXT, .word = "PATH", .prose = "the squad that enrols"},
    {.name = NULL},
};

const struct command command_volunteer_add = {
    .name = "volunteer add",
    .summary = "enrol a volunteer",
    .usage = "--unit PATH < volunteer.json",
    .about =
        "The particulars are read as JSON from standard input, because others can see the words of a command line:\n"
        "  {\"number\": \"V-0471\", \"name\": \"…\", \"phone\": \"13…\", \"kind\": \"机关\"}\n"
        "A minor needs \"minor\": true and a guardian's consent, \"guardian\": true.\n",
    .options = add_rows,
    .run = run_add,
};
