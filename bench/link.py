#!/usr/bin/env python3
"""A slow, lossy link between this network namespace and a new one, made of two TUN devices: needs root, no netem.

    link.py NAMESPACE DELAY_MS LOSS_PERCENT [RATE_KBIT [QUEUE_MS]]

10.78.0.1 is here, 10.78.0.2 in NAMESPACE. DELAY_MS is one way, the loss random for each packet and way, the queue
drop-tail of QUEUE_MS (300) at RATE_KBIT (0: unlimited). Prints "up", then takes lines "rate RATE_KBIT" and
"loss LOSS_PERCENT" on standard input, each answered by "ok". Ends, and takes the namespace away, with its input.
"""
import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
CLONE_NEWNET = 0x40000000
PACKET_BYTES = 65536
BATCH = 64


def run(*command, check=True):
    subprocess.run(command, check=check, stderr=None if check else subprocess.DEVNULL)


def tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN_NO_PI))
    return fd


def enter(libc, fd):
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Link:
    def __init__(self, near, far, delay, loss, rate, queue):
        self.other = {near: far, far: near}
        self.free_at = {near: 0.0, far: 0.0}
        self.delay, self.loss, self.rate, self.queue = delay, loss, rate, queue
        self.flying = []
        self.count = 0

    def take(self, fd, packet, now):
        if random.random() < self.loss:
            return
        out = now
        if self.rate:
            start = max(now, self.free_at[fd])
            if start - now > self.queue:
                return
            self.free_at[fd] = out = start + len(packet) / self.rate
        self.count += 1
        heapq.heappush(self.flying, (out + self.delay, self.count, self.other[fd], packet))

    def deliver(self, now):
        while self.flying and self.flying[0][0] <= now:
            _, _, fd, packet = heapq.heappop(self.flying)
            try:
                os.write(fd, packet)
            except OSError:
                pass  # the device's queue is full: a loss like any other

    def wait(self, now):
        return max(0.0, self.flying[0][0] - now) if self.flying else None


def main():
    namespace, delay, loss = sys.argv[1], float(sys.argv[2]) / 1000, float(sys.argv[3]) / 100
    rate = float(sys.argv[4]) * 125 if len(sys.argv) > 4 else 0.0  # bytes a second
    queue = float(sys.argv[5]) / 1000 if len(sys.argv) > 5 else 0.3
    run("ip", "netns", "del", namespace, check=False)
    run("ip", "netns", "add", namespace)
    try:
        near = tun("phlink0")
        run("ip", "addr", "add", "10.78.0.1/24", "dev", "phlink0")
        run("ip", "link", "set", "phlink0", "up")
        libc = ctypes.CDLL(None, use_errno=True)
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        enter(libc, os.open(f"/run/netns/{namespace}", os.O_RDONLY))
        far = tun("phlink1")
        run("ip", "addr", "add", "10.78.0.2/24", "dev", "phlink1")
        run("ip", "link", "set", "phlink1", "up")
        run("ip", "link", "set", "lo", "up")
        enter(libc, here)
        forward(Link(near, far, delay, loss, rate, queue), near, far)
    finally:
        run("ip", "netns", "del", namespace, check=False)


def forward(link, near, far):
    print("up", flush=True)
    commands = sys.stdin.fileno()
    while True:
        link.deliver(time.monotonic())
        readable, _, _ = select.select([near, far, commands], [], [], link.wait(time.monotonic()))
        for fd in readable:
            if fd == commands:
                line = sys.stdin.readline().split()
                if not line:
                    return
                if line[0] == "rate":
                    link.rate = float(line[1]) * 125
                elif line[0] == "loss":
                    link.loss = float(line[1]) / 100
                print("ok", flush=True)
                continue
            for _ in range(BATCH):
                try:
                    packet = os.read(fd, PACKET_BYTES)
                except BlockingIOError:
                    break
                link.take(fd, packet, time.monotonic())


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
