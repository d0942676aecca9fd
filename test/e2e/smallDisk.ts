/**
 * A small disk in a sandbox's world. Its root may mount nothing, so it is mounted from outside: in the namespaces of the
 * process that keeps the world's mounts.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { parentOf, type RunningSandbox } from '../../runner/sandbox/endpoint.ts'

export interface SmallDisk {
  resize(megabytes: number): void
  unmount(): void
}

export function mountSmallDisk(sandbox: RunningSandbox, folder: string, megabytes: number): SmallDisk {
  const inside = (...words: string[]) =>
    execFileSync('nsenter', [...enter(keeper(sandbox.pid)), '--', ...words])
  const options = (size: number) => `size=${size}m,mode=755`
  inside('mkdir', '-p', folder)
  inside('mount', '-t', 'tmpfs', '-o', options(megabytes), 'small', folder)
  return {
    // Source and folder both: with one of them, mount adds the options that the kernel shows, and these have the
    // owner's id outside the user namespace.
    resize: (size) => void inside('mount', '-o', `remount,${options(size)}`, 'small', folder),
    // Lazy: what follows a job's log may still be there for a moment.
    unmount: () => void inside('umount', '-l', folder),
  }
}

function enter(pid: number): string[] {
  const mount = [`--target=${pid}`, '--mount', '--pid']
  return process.getuid?.() === 0 ? mount : [...mount, '--user', '--preserve-credentials']
}

function keeper(supervisor: number): number {
  const found = readdirSync('/proc')
    .map(Number)
    .find((pid) => Number.isInteger(pid) && wordsOf(pid) === 'sleep 2147483647' && isBelow(pid, supervisor))
  if (found === undefined) throw new Error('no process keeps the mounts of the sandbox')
  return found
}

function isBelow(pid: number | undefined, ancestor: number): boolean {
  return pid !== undefined && pid > 1 && (pid === ancestor || isBelow(parentOf(pid), ancestor))
}

function wordsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
  } catch {
    return ''
  }
}
