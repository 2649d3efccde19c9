/* Whether words mean a squad: by its path, the path's last code, its short name, or the full name of documents (许村志愿中队
 * is 许村城市管理志愿服务中队). Pure. */
#pragma once

#include "proto/types.h"

/* `name`: the squad's short name; may be empty. */
bool squad_is_meant(struct text path, struct text name, struct text words);
