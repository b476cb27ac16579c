# -*- coding: utf-8 -*-
"""What the kernel says of the machine, of what else it is doing, and of a peer's memory.

Standard library and repro/system/machine.py only, Python 2.7 and 3.
"""
from __future__ import division

import os
import platform
import sys

sys.path.insert(1, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from repro.system import machine  # noqa: E402

FLAGS = ('avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'avx512_fp16', 'amx_tile',
         'amx_bf16', 'amx_int8')
GOVERNOR = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'
BUSY_AT = .25   # load per core at the start, above which a machine is not idle
TICKS = os.sysconf('SC_CLK_TCK')


def describe(cores):
    """What a reader needs to place the numbers.  cores: how many this process may use."""
    cpu, flags = fields('/proc/cpuinfo'), processor_flags()
    model = '/'.join(cpu.get(key, '?') for key in ('cpu family', 'model', 'stepping'))
    memory = int(fields('/proc/meminfo').get('MemTotal', '0 kB').split()[0]) / 2**20
    return dict(machine.describe(), cores=cores, kernel=platform.release(),
                family_model_stepping=model, memory_gib=round(memory, 1),
                flags=[f for f in FLAGS if f in flags], hypervisor='hypervisor' in flags,
                cache=cpu.get('cache size', 'unknown'),
                governor=machine.text(GOVERNOR).strip() or 'unknown')


def fields(name):
    """{key: its first value} of a file of "key : value" lines; {} where there is none."""
    values = {}
    for line in machine.text(name).splitlines():
        key, _, value = line.partition(':')
        values.setdefault(key.strip(), value.strip())
    return values


def processor_flags():
    return fields('/proc/cpuinfo').get('flags', '').split()


def has_bf16():
    return bool({'amx_bf16', 'avx512_bf16'} & set(processor_flags()))


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
    return sum(int(x) for stat in family().values() for x in stat[11:15])


def peak_mib():
    """The peak resident memory of this process and of each living descendant, added up.

    VmHWM, as the kernel counts it: pages that two of them share are counted twice.
    """
    # A process that has ended meanwhile has no such file, and no fields.
    return sum(int(fields('/proc/%d/status' % pid).get('VmHWM', '0 kB').split()[0])
               for pid in family()) / 1024


def family():
    """{pid: /proc/PID/stat's fields from the third on} of this process and its descendants."""
    stats = dict((int(pid), machine.text('/proc/%s/stat' % pid).rpartition(')')[2].split())
                 for pid in os.listdir('/proc') if pid.isdigit())
    return dict((pid, stat) for pid, stat in stats.items() if stat and is_ours(pid, stats))


def is_ours(pid, stats):
    while stats.get(pid) and pid != os.getpid():
        pid = int(stats[pid][1])        # its parent
    return pid == os.getpid()
