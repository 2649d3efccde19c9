/* The robots: group robots and webhooks, which contacts name.
 *
 * Whoever knows a robot's address can write to its group. So the address stands in no event and no setting, but in a file
 * of the directory `robots`, mode 0600, whose name is the robot's and which holds one line:
 *
 *   KIND ADDRESS [SECRET]     KIND: dingtalk, wecom or webhook; SECRET: with which it is signed
 */
#pragma once

#include "services/notifier/channels/http_way.h"

/* Calls `take` with a way for each robot, which is the taker's then; < 0 from it ends the walk. Nothing without the setting.
 * -ERR_BAD_SETTING names the file. Blocks for reading. */
int robots_open(struct curl_loop *curl_loop, const struct config *config,
                int (*take)(void *data, struct http_way *way, struct error *error), void *data, struct error *error);
