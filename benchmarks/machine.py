# -*- coding: utf-8 -*-
"""The machine a benchmark runs on: what it is, and whether it is doing something else."""
from __future__ import division

import os
import platform

FLAGS = ('avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'avx512_fp16', 'amx_tile',
         'amx_bf16', 'amx_int8')
GOVERNOR = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'
BUSY_AT = .25   # load per core at the start, above which a machine is not idle
TICKS = os.sysconf('SC_CLK_TCK')


def describe(cores):
    """cores: how many this process may use. → what a reader needs to place the numbers."""
    cpu = first_of('/proc/cpuinfo')
    memory = first_of('/proc/meminfo').get('MemTotal', '0 kB')
    return {'cpu': cpu.get('model name', 'unknown'), 'family_model_stepping': '/'.join(
                cpu.get(k, '?') for k in ('cpu family', 'model', 'stepping')),
            'flags': [f for f in FLAGS if f in cpu.get('flags', '').split()],
            'cache': cpu.get('cache size', 'unknown'), 'cores': cores,
            'memory_gib': round(int(memory.split()[0]) / 2**20, 1), 'kernel': platform.release(),
            'hypervisor': 'hypervisor' in cpu.get('flags', '').split(), 'governor': governor()}


def first_of(name):
    """The first value of each key in a file of "key : value" lines."""
    found = {}
    with open(name) as f:
        for line in f:
            key, _, value = line.partition(':')
            found.setdefault(key.strip(), value.strip())
    return found


def governor():
    try:
        with open(GOVERNOR) as f:
            return f.read().strip()
    except (IOError, OSError):
        return 'unknown'


def has_bf16():
    flags = first_of('/proc/cpuinfo').get('flags', '').split()
    return 'amx_bf16' in flags or 'avx512_bf16' in flags


def not_idle(cores):
    """A sentence when the load average says that the machine has other work, else ''."""
    load = os.getloadavg()[0]
    if load <= BUSY_AT * cores:
        return ''
    return 'the load average is %.2f on %d cores: the machine is not idle' % (load, cores)


def clocks():
    """(seconds of CPU used by anyone since boot, by this process and its descendants)."""
    with open('/proc/stat') as f:
        spent = [int(x) for x in f.readline().split()[1:9]]
    return (sum(spent) - spent[3] - spent[4]) / TICKS, own_seconds() / TICKS


def own_seconds():
    """Ticks of this process and its descendants, living or waited for."""
    return sum(int(x) for fields in family().values() for x in fields[11:15])


def peak_mib():
    """The peak resident memory of this process and of each living descendant, added up.

    VmHWM, as the kernel counts it: pages that two of them share are counted twice.
    """
    total = 0
    for pid in family():
        try:
            total += int(first_of('/proc/%d/status' % pid).get('VmHWM', '0 kB').split()[0])
        except (IOError, OSError):      # it ended meanwhile
            pass
    return total / 1024


def family():
    """{pid: /proc/PID/stat's fields from the third on} of this process and its descendants."""
    found = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            try:
                with open('/proc/%s/stat' % name) as f:
                    found[int(name)] = f.read().rpartition(')')[2].split()
            except (IOError, OSError):
                pass
    return dict((pid, fields) for pid, fields in found.items() if ours(pid, found))


def ours(pid, found):
    while pid in found and pid != os.getpid():
        pid = int(found[pid][1])
    return pid == os.getpid()
