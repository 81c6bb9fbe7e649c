/* protodoc_acl.h -- deploy/redis/users.acl: what each service may do in Redis, and nothing else.
 *
 * Made from what the servers are compiled from: a service may write the keys that are its own in
 * proto/redis_keys.def, may use the commands of its scripts (lua/scripts.def says whose each is), and may speak
 * and listen where proto/channels.def says so. What stands in no list is in the table of protodoc_acl.c. */
#ifndef DUELPOD_PROTODOC_ACL_H
#define DUELPOD_PROTODOC_ACL_H

#include "common/buffer.h"

/* Appends the whole file. `owners` is the text of lua/scripts.def, terminated. */
void acl_page_make(struct buffer *page, const char *owners);

#endif
