/* What the first start in a data directory makes: the password and the token of the account `office`.
 *
 * Both go into files that only the owner reads (<data>/first-password, <data>/token) and to the portal through
 * <data>/portal/bootstrap, which the portal deletes when it has them. Never into arguments, logs or the environment. */
#pragma once

#include "services/chaoxun/secret.h"
#include "services/chaoxun/session.h"

struct first_start {
    bool made;  /* password and token are new */
    int64_t at; /* ms: when the data directory was first started; the same at every later start */
    char password[PASSWORD_TEXT_SIZE]; /* when made */
};

/* Makes them when the data directory has none yet, or when `renew`. */
int first_start_prepare(struct first_start *first, const struct session *session, bool renew, struct error *error);
void first_start_wipe(struct first_start *first);
