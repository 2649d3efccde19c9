/* The units with their names, as the aggregator knows them. */
#pragma once

#include "services/portal/exchange.h"

struct squad {
    struct text unit; /* path */
    struct text name; /* short name; empty where none was set */
};

struct squads {
    struct text as_of;
    struct squad *items;
    uint32_t count;
};

/* `squads` lives in the exchange's arena; NULL: the exchange was answered with what failed. */
typedef void (*squads_done)(const struct squads *squads, void *data);

void squads_ask(struct exchange *exchange, squads_done done, void *data);

/* Which unit a name means: its path, the path's last code, its short name, or the full name of documents (许村志愿中队
 * is 许村城市管理志愿服务中队). NULL when none, or more than one. */
const struct squad *squads_find(const struct squads *squads, struct text name);
