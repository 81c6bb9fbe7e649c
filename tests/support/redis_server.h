/* redis_server.h -- a private redis-server for one test program: unix socket in a folder of its own, an
 * optional loopback port, nothing on disk. It dies with the test, however the test ends. Test code only. */
#ifndef DUELPOD_REDIS_SERVER_H
#define DUELPOD_REDIS_SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base.h"

struct redis_server {
    pid_t pid;
    char folder[64];
    char socket[96];
    char url[128]; /* unix:// */
    int port;      /* 0 = none */
};

/* A loopback port that is free now. */
static inline int redis_server_free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(bind(fd, (struct sockaddr *)&address, length) == 0);
    check(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static inline void redis_server_exec(const struct redis_server *server, const char *const *extra, int output)
{
    const char *words[32] = {"redis-server", "--save",       "",      "--appendonly", "no",
                             "--unixsocket", server->socket, "--dir", server->folder, "--port"};
    char port[12];
    size_t count = 10;
    snprintf(port, sizeof port, "%d", server->port);
    words[count++] = port;
    words[count++] = "--bind";
    words[count++] = "127.0.0.1";
    for (; extra != NULL && *extra != NULL && count < ARRAY_LENGTH(words) - 1; extra++)
        words[count++] = *extra;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output, STDOUT_FILENO);
    execvp(words[0], (char *const *)words);
    _exit(127);
}

/* Returns when redis-server says that it accepts connections. `extra` may be NULL, else NULL-terminated
 * options. */
static inline void redis_server_launch(struct redis_server *server, const char *const *extra)
{
    int output[2];
    char text[8192];
    size_t length = 0;
    check(pipe2(output, O_CLOEXEC) == 0);
    server->pid = fork();
    check(server->pid >= 0);
    if (server->pid == 0) redis_server_exec(server, extra, output[1]);
    close(output[1]);
    text[0] = '\0';
    while (strstr(text, "eady to accept connections") == NULL) {
        ssize_t count = read(output[0], text + length, sizeof text - 1 - length);
        if (count <= 0 && errno != EINTR) {
            fprintf(stderr, "redis-server did not start:\n%s\n", text);
            abort();
        }
        length += count > 0 ? (size_t)count : 0;
        text[length] = '\0';
    }
    close(output[0]);
}

/* Ends the process, keeps the folder and the port: redis_server_launch() brings an empty one back. */
static inline void redis_server_kill(struct redis_server *server)
{
    kill(server->pid, SIGKILL);
    while (waitpid(server->pid, NULL, 0) < 0 && errno == EINTR) continue;
    server->pid = 0;
    unlink(server->socket);
}

static inline void redis_server_start(struct redis_server *server, bool with_port, const char *const *extra)
{
    *server = (struct redis_server){.port = with_port ? redis_server_free_port() : 0};
    strcpy(server->folder, "/tmp/duelpod-redis-XXXXXX");
    check(mkdtemp(server->folder) != NULL);
    snprintf(server->socket, sizeof server->socket, "%s/redis.sock", server->folder);
    snprintf(server->url, sizeof server->url, "unix://%s", server->socket);
    redis_server_launch(server, extra);
}

static inline void redis_server_stop(struct redis_server *server)
{
    if (server->pid > 0) redis_server_kill(server);
    rmdir(server->folder);
}

/* One inline command on a connection of its own; the first bytes of the answer go to `answer`. */
static inline void redis_server_say(const struct redis_server *server, const char *command, char *answer,
                                    size_t capacity)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    check(text_copy(address.sun_path, sizeof address.sun_path, server->socket));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    dprintf(fd, "%s\r\n", command);
    ssize_t count = read(fd, answer, capacity - 1);
    check(count > 0);
    answer[count] = '\0';
    close(fd);
}

#endif
