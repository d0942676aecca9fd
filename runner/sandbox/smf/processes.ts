/** What /proc says about processes. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  pid: number
  parent: number
  /** Clock ticks since boot; with the pid it names one process for ever. */
  started: number
  zombie: boolean
  command: string
}

/** undefined when there is no such process (any more). */
export function readProcess(pid: number): Process | undefined {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return undefined
  }
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const fields = text.slice(close + 2).split(' ')
  return {
    pid,
    parent: Number(fields[1]),
    started: Number(fields[19]),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    command: text.slice(open + 1, close),
  }
}

export function listProcesses(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((process) => process !== undefined)
}

/** The command line, blank separated; the command's name when it has none. */
export function commandLine(process: Process): string {
  try {
    const text = readFileSync(`/proc/${process.pid}/cmdline`, 'latin1')
      .replace(/\0+$/, '')
      .replaceAll('\0', ' ')
    return text || process.command
  } catch {
    return process.command
  }
}

const bootTime = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? 0)

/** When a process was started. USER_HZ is 100 on every Linux that runs node. */
export function startTime(process: Process): Date {
  return new Date((bootTime + process.started / 100) * 1000)
}
