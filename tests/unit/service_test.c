/* The life of a process: each case is a child process that is sent signals and judged by its exit code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "common/service.h"

enum { DEADLINE_MS = 300 };

enum behaviour { STOPS, STOPS_ITSELF, NEVER_STOPS, HANGS };

/* In the child. */
static struct {
    enum behaviour behaviour;
    int events; /* one letter per event goes here */
    struct service *service;
    uv_loop_t loop;
    uv_timer_t keep_alive;
} child;

static void tell(char letter)
{
    if (write(child.events, &letter, 1) != 1) _exit(99);
}

static void on_stop(void *context)
{
    (void)context;
    tell('s');
    if (child.behaviour == STOPS || child.behaviour == STOPS_ITSELF)
        uv_close((uv_handle_t *)&child.keep_alive, NULL);
    while (child.behaviour == HANGS) pause();
}

static void on_reload(void *context)
{
    (void)context;
    tell('r');
    for (int i = 0; child.behaviour == STOPS_ITSELF && i < 2; i++) service_stop(child.service);
}

static void on_keep_alive(uv_timer_t *timer)
{
    (void)timer;
}

_Noreturn static void run_child(void)
{
    static const struct service_events events = {on_stop, on_reload};
    struct log_config quiet = {.level = LOG_ERROR, .fd = STDERR_FILENO};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    log_start(&quiet);
    service_prepare(false);
    uv_loop_init(&child.loop);
    uv_timer_init(&child.loop, &child.keep_alive);
    uv_timer_start(&child.keep_alive, on_keep_alive, 1000000, 0);
    child.service = service_open(&child.loop, DEADLINE_MS, &events, NULL);
    service_announce_ready();
    tell('u');
    uv_run(&child.loop, UV_RUN_DEFAULT);
    service_close(child.service);
    uv_run(&child.loop, UV_RUN_DEFAULT);
    exit(uv_loop_close(&child.loop) == 0 ? 0 : 98);
}

struct process {
    pid_t pid;
    int events, errors;
};

static void expect_event(struct process *process, char letter)
{
    char got = '?';
    assert_int_equal(read(process->events, &got, 1), 1);
    assert_int_equal(got, letter);
}

static struct process start(enum behaviour behaviour)
{
    int events[2], errors[2];
    assert_int_equal(pipe(events), 0);
    assert_int_equal(pipe(errors), 0);
    struct process process = {.pid = fork(), .events = events[0], .errors = errors[0]};
    if (process.pid == 0) {
        child.behaviour = behaviour;
        child.events = events[1];
        dup2(errors[1], STDERR_FILENO);
        run_child();
    }
    close(events[1]);
    close(errors[1]);
    expect_event(&process, 'u');
    return process;
}

/* What the child wrote to stderr, then its exit code. */
static int finish(struct process *process, char *errors, size_t capacity)
{
    int status;
    size_t length = 0;
    ssize_t count;
    while ((count = read(process->errors, errors + length, capacity - 1 - length)) > 0)
        length += (size_t)count;
    errors[length] = '\0';
    assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
    close(process->events);
    close(process->errors);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static char errors[4096];

static void either_signal_stops_in_order_with_code_0(void **state)
{
    (void)state;
    static const int signals[] = {SIGTERM, SIGINT};
    for (size_t i = 0; i < ARRAY_LENGTH(signals); i++) {
        struct process process = start(STOPS);
        kill(process.pid, signals[i]);
        expect_event(&process, 's');
        assert_int_equal(finish(&process, errors, sizeof errors), 0);
        assert_string_equal(errors, "");
    }
}

static void a_second_signal_ends_at_once(void **state)
{
    (void)state;
    static const struct {
        int signal, code;
    } cases[] = {{SIGTERM, 143}, {SIGINT, 130}};
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct process process = start(NEVER_STOPS);
        kill(process.pid, SIGTERM);
        expect_event(&process, 's');
        kill(process.pid, cases[i].signal);
        assert_int_equal(finish(&process, errors, sizeof errors), cases[i].code);
    }
}

static void a_stop_beyond_its_deadline_is_code_1_and_a_line(void **state)
{
    (void)state;
    static const enum behaviour behaviours[] = {NEVER_STOPS, HANGS};
    for (size_t i = 0; i < ARRAY_LENGTH(behaviours); i++) {
        struct process process = start(behaviours[i]);
        kill(process.pid, SIGTERM);
        expect_event(&process, 's');
        assert_int_equal(finish(&process, errors, sizeof errors), 1);
        assert_non_null(strstr(errors, "stop_took_too_long"));
    }
}

static void hang_up_reloads_as_often_as_asked(void **state)
{
    (void)state;
    struct process process = start(STOPS);
    for (int i = 0; i < 3; i++) {
        kill(process.pid, SIGHUP);
        expect_event(&process, 'r');
    }
    kill(process.pid, SIGTERM);
    expect_event(&process, 's');
    assert_int_equal(finish(&process, errors, sizeof errors), 0);
}

static void the_process_may_stop_itself_and_stops_once(void **state)
{
    (void)state;
    char more;
    struct process process = start(STOPS_ITSELF);
    kill(process.pid, SIGHUP);
    expect_event(&process, 'r');
    expect_event(&process, 's');
    assert_int_equal(read(process.events, &more, 1), 0);
    assert_int_equal(finish(&process, errors, sizeof errors), 0);
}

static void the_supervisor_is_told(void **state)
{
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char folder[] = "/tmp/duelpod-service-XXXXXX", text[64];
    struct timeval patience = {.tv_sec = 20};
    assert_non_null(mkdtemp(folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", folder);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    struct process process = start(STOPS);
    unsetenv("NOTIFY_SOCKET");
    assert_int_equal(recv(fd, text, sizeof text, 0), 7);
    assert_memory_equal(text, "READY=1", 7);
    kill(process.pid, SIGTERM);
    assert_int_equal(recv(fd, text, sizeof text, 0), 10);
    assert_memory_equal(text, "STOPPING=1", 10);
    assert_int_equal(finish(&process, errors, sizeof errors), 0);
    close(fd);
    unlink(address.sun_path);
    rmdir(folder);
}

static void a_bad_supervisor_address_is_survived(void **state)
{
    (void)state;
    char too_long[300];
    memset(too_long, 'x', sizeof too_long);
    too_long[0] = '/';
    too_long[sizeof too_long - 1] = '\0';
    const char *const paths[] = {"", "relative", "@nobody-listens-here", "/nonexistent/socket", too_long};
    for (size_t i = 0; i < ARRAY_LENGTH(paths); i++) {
        setenv("NOTIFY_SOCKET", paths[i], 1);
        struct process process = start(STOPS);
        kill(process.pid, SIGTERM);
        assert_int_equal(finish(&process, errors, sizeof errors), 0);
    }
    unsetenv("NOTIFY_SOCKET");
}

static void preparing_sets_limits_and_ignores_broken_pipes(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit limit;
        int ends[2];
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = 100;
        setrlimit(RLIMIT_NOFILE, &limit);
        service_prepare(true);
        getrlimit(RLIMIT_NOFILE, &limit);
        rlim_t wanted = limit.rlim_max < SERVICE_FILES_MAX ? limit.rlim_max : SERVICE_FILES_MAX;
        bool raised = limit.rlim_cur == wanted;
        bool is_private = prctl(PR_GET_DUMPABLE) == 0;
        bool piped = pipe(ends) == 0;
        close(ends[0]);
        bool survived = write(ends[1], "x", 1) < 0 && errno == EPIPE;
        _exit(raised && is_private && piped && survived ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(either_signal_stops_in_order_with_code_0),
        cmocka_unit_test(a_second_signal_ends_at_once),
        cmocka_unit_test(a_stop_beyond_its_deadline_is_code_1_and_a_line),
        cmocka_unit_test(hang_up_reloads_as_often_as_asked),
        cmocka_unit_test(the_process_may_stop_itself_and_stops_once),
        cmocka_unit_test(the_supervisor_is_told),
        cmocka_unit_test(a_bad_supervisor_address_is_survived),
        cmocka_unit_test(preparing_sets_limits_and_ignores_broken_pipes),
    };
    return cmocka_run_group_tests_name("service", tests, NULL, NULL);
}
