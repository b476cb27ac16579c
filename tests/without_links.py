# -*- coding: utf-8 -*-
"""python without_links.py CMD…: becomes CMD, for which no file system has symbolic links.

As on exFAT or vboxsf, but without mounting one: the kernel itself (seccomp) refuses the two calls,
to this process and to all that it starts.  x86-64, no privileges.
"""
import ctypes
import errno
import os
import struct
import sys

NO_NEW_PRIVS, SECCOMP, FILTER = 38, 22, 2       # linux/prctl.h, linux/seccomp.h
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06          # linux/bpf_common.h
ALLOW, ERROR = 0x7fff0000, 0x00050000
SYMLINK, SYMLINKAT = 88, 266                    # asm/unistd_64.h


def instruction(code, value, if_equal=0, if_not=0):
    return struct.pack('HBBI', code, if_equal, if_not, value)


def forbid():
    program = b''.join([
        instruction(LOAD, 0),                   # the number of the call
        instruction(EQUAL, SYMLINK, if_equal=1),
        instruction(EQUAL, SYMLINKAT, if_not=1),
        instruction(RETURN, ERROR | errno.EPERM),
        instruction(RETURN, ALLOW)])
    code = ctypes.create_string_buffer(program, len(program))
    head = ctypes.create_string_buffer(struct.pack('HL', len(program) // 8,
                                                   ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((NO_NEW_PRIVS, 1, 0, 0, 0), (SECCOMP, FILTER, head)):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), 'prctl')


if __name__ == '__main__':
    forbid()
    os.execvp(sys.argv[1], sys.argv[1:])
