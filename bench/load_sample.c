#include "bench/load_sample.h"

#include "common/buffer.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define TIMEOUT_S 5
#define ANSWER_BYTES_MAX (256u << 10)

/* ---- processes ---- */

static bool read_proc(pid_t pid, const char *file, char *text, size_t capacity)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *stream = fopen(path, "re");
    if (stream == NULL) return false;
    size_t length = fread(text, 1, capacity - 1, stream);
    fclose(stream);
    text[length] = '\0';
    return length > 0;
}

struct load_process_sample load_sample_process(pid_t pid)
{
    struct load_process_sample sample = {0};
    char text[1024];
    long long user = 0, system = 0, pages = 0;
    if (!read_proc(pid, "stat", text, sizeof text)) return sample;
    const char *behind_name = strrchr(text, ')'); /* the name may contain anything */
    bool parsed = behind_name != NULL &&
                  sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld", &user,
                         &system) == 2;
    if (!parsed || !read_proc(pid, "statm", text, sizeof text) || sscanf(text, "%*d %lld", &pages) != 1)
        return sample;
    sample.cpu_us = (user + system) * (1000000 / sysconf(_SC_CLK_TCK));
    sample.rss_bytes = pages * sysconf(_SC_PAGESIZE);
    sample.alive = true;
    return sample;
}

int64_t load_sample_own_cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

/* ---- Redis ---- */

static int connect_tcp(const struct redis_address *address)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    snprintf(port, sizeof port, "%u", address->port);
    if (getaddrinfo(address->host, port, &hints, &found) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
        close(fd);
        fd = -1;
    }
    freeaddrinfo(found);
    return fd;
}

static int connect_unix(const struct redis_address *address)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    text_copy(place.sun_path, sizeof place.sun_path, address->path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&place, sizeof place) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void append_command(struct buffer *request, const char *const *words, size_t count)
{
    char head[32];
    snprintf(head, sizeof head, "*%zu\r\n", count);
    buffer_append_text(request, head);
    for (size_t i = 0; i < count; i++) {
        snprintf(head, sizeof head, "$%zu\r\n", strlen(words[i]));
        buffer_append_text(request, head);
        buffer_append_text(request, words[i]);
        buffer_append_text(request, "\r\n");
    }
}

/* Sends one command and reads until its reply, a line or a bulk text, is whole. */
static bool ask(int fd, const char *const *words, size_t count, struct buffer *reply)
{
    struct buffer request = {0};
    append_command(&request, words, count);
    bool sent = send(fd, request.data, request.length, MSG_NOSIGNAL) == (ssize_t)request.length;
    buffer_free(&request);
    buffer_clear(reply);
    while (sent && reply->length < ANSWER_BYTES_MAX) {
        char piece[16384];
        ssize_t length = recv(fd, piece, sizeof piece, 0);
        if (length <= 0) return false;
        buffer_append(reply, piece, (size_t)length);
        const char *line_end = memmem(reply->data, reply->length, "\r\n", 2);
        if (line_end == NULL) continue;
        if (reply->data[0] != '$') return reply->data[0] == '+';
        size_t whole = (size_t)(line_end - reply->data) + 4 + strtoul(reply->data + 1, NULL, 10);
        if (reply->length >= whole) return true;
    }
    return false;
}

static bool login(int fd, const struct redis_address *address, struct buffer *reply)
{
    if (address->password[0] == '\0') return true;
    const char *user = address->username[0] == '\0' ? "default" : address->username;
    return ask(fd, (const char *const[]){"AUTH", user, address->password}, 3, reply);
}

static bool read_section(int fd, const char *section, struct buffer *reply, struct load_redis_sample *sample)
{
    if (!ask(fd, (const char *const[]){"INFO", section}, 2, reply)) return false;
    load_sample_parse_info(buffer_bytes(reply), sample);
    return true;
}

static void take_command(const char *name, size_t length, const char *rest, struct load_redis_sample *sample)
{
    if (sample->name_count == LOAD_COMMANDS_MAX || length >= LOAD_COMMAND_BYTES) return;
    struct load_command_sample *command = &sample->by_name[sample->name_count];
    long long calls, cpu_us;
    if (sscanf(rest, ":calls=%lld,usec=%lld,", &calls, &cpu_us) != 2) return;
    *command = (struct load_command_sample){.calls = calls, .cpu_us = cpu_us};
    memcpy(command->name, name, length);
    sample->name_count++;
}

void load_sample_parse_info(struct bytes info, struct load_redis_sample *sample)
{
    static const char total[] = "total_commands_processed:", command[] = "cmdstat_";
    char line[256];
    const char *end = info.data + info.length;
    for (const char *at = info.data; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((line_end == NULL ? end : line_end) - at);
        size_t kept = length < sizeof line ? length : sizeof line - 1;
        memcpy(line, at, kept);
        line[kept] = '\0';
        at = line_end == NULL ? end : line_end + 1;
        if (strncmp(line, total, sizeof total - 1) == 0)
            sample->commands = strtoll(line + sizeof total - 1, NULL, 10);
        if (strncmp(line, command, sizeof command - 1) != 0) continue;
        const char *name = line + sizeof command - 1;
        size_t name_length = strcspn(name, ":");
        take_command(name, name_length, name + name_length, sample);
    }
}

bool load_sample_redis(const struct redis_address *address, struct load_redis_sample *sample, char *error,
                       size_t error_capacity)
{
    struct timeval timeout = {.tv_sec = TIMEOUT_S};
    struct buffer reply = {0};
    *sample = (struct load_redis_sample){0};
    int fd = address->path[0] != '\0' ? connect_unix(address) : connect_tcp(address);
    if (fd < 0) {
        snprintf(error, error_capacity, "Redis: %s", strerror(errno));
        return false;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    bool done = login(fd, address, &reply) && read_section(fd, "commandstats", &reply, sample) &&
                read_section(fd, "stats", &reply, sample);
    if (!done) {
        const char *line_end = reply.length == 0 ? NULL : memchr(reply.data, '\r', reply.length);
        int shown = line_end == NULL ? 0 : (int)(line_end - reply.data);
        snprintf(error, error_capacity, "Redis does not answer INFO: %.*s", shown,
                 shown == 0 ? "" : reply.data);
    }
    buffer_free(&reply);
    close(fd);
    return done;
}
