#!/bin/sh
# Holds six pipes open on its descriptors 3 to 8 and prints its process number; ends when its input is closed.
# pipes.ts opens their ends through /proc/NUMBER/fd. Runs under dash, bash and busybox sh, which
# have no other way to a pipe than a pipeline; ksh93 would make sockets of them.
exec 9<&0
: | {
  exec 3<&0
  : | {
    exec 4<&0
    : | {
      exec 5<&0
      : | {
        exec 6<&0
        : | {
          exec 7<&0
          : | {
            exec 8<&0
            # shellcheck disable=SC2016 # the number is that of the shell which becomes cat
            exec sh -c 'echo "$$"; exec cat' <&9
          }
        }
      }
    }
  }
}
