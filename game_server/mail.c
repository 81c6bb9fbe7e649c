#include "game_server/mail.h"

#include <string.h>

void *mail_new(size_t size, enum mail_kind kind)
{
    struct message *message = memory_new(size);
    message->kind = kind;
    message->size = (uint32_t)size;
    return message;
}

struct mail_snapshot *mail_snapshot_new(const struct proto_snapshot *snapshot)
{
    size_t size = sizeof(struct mail_snapshot) + snapshot->match.length;
    struct mail_snapshot *mail = mail_new(size, MAIL_snapshot);
    char *raw = (char *)(mail + 1);
    mail->snapshot = *snapshot;
    if (snapshot->match.length > 0) memcpy(raw, snapshot->match.data, snapshot->match.length);
    mail->snapshot.match.data = raw;
    return mail;
}
