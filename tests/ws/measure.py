#!/usr/bin/python3
"""What the front costs, on this machine: measure.py PATH_TO_WS_ECHO

Resident memory of the server per idle connection, its processor time per handshake and per 64-byte echo. Only the
server's own time is counted (/proc/PID/stat), so the speed of this client does not matter beyond keeping many
connections busy at once.
"""
import os
import resource
import select
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from wire import TEXT, Client, Server, frame, handshake  # noqa: E402

IDLE, ECHOES = 5000, 150000


def open_many(server, count):
    clients = []
    while len(clients) < count:
        batch = [Client(server, handshake()) for _ in range(min(100, count - len(clients)))]
        for client in batch:
            assert b" 101 " in client.read_head(10)
        clients += batch
    return clients


def close_all(clients):
    for client in clients:
        client.socket.close()


def idle(binary):
    server = Server(binary, {})
    close_all(open_many(server, 200))  # the allocator's and the library's first growth is not the connection's
    memory, seconds = server.resident_kilobytes(), server.processor_seconds()
    clients = open_many(server, IDLE)
    memory, seconds = server.resident_kilobytes() - memory, server.processor_seconds() - seconds
    close_all(clients)
    server.stop()
    print("%d idle connections: %.0f bytes resident each; %.0f us per handshake"
          % (IDLE, memory * 1024 / IDLE, seconds * 1e6 / IDLE))


def echo(binary, count):
    server = Server(binary, {})
    clients = open_many(server, count)
    poll = select.epoll()
    sockets = {client.socket.fileno(): client.socket for client in clients}
    for number in sockets:
        poll.register(number, select.EPOLLIN)
    data, size = frame(TEXT, "m" * 64), 66
    missing = dict.fromkeys(sockets, size)
    seconds, done = server.processor_seconds(), 0
    for each in sockets.values():
        each.sendall(data)
    while done < ECHOES:
        for number, _ in poll.poll():
            missing[number] -= len(sockets[number].recv(4096))
            if missing[number] == 0:
                missing[number] = size
                done += 1
                sockets[number].sendall(data)
    seconds = server.processor_seconds() - seconds
    close_all(clients)
    server.stop()
    print("%d busy connections: %.2f us of server time per 64-byte echo" % (count, seconds * 1e6 / done))


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    idle(sys.argv[1])
    for number in (50, 1000, 5000):
        echo(sys.argv[1], number)
