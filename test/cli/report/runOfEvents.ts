/** The events of a run as tests feed them to reporters, and a stream that keeps what reporters write. */
import { Writable } from 'node:stream'
import { BuildStackError } from '../../../runner/errors.ts'
import type { RunEvent } from '../../../runner/run/events.ts'
import { sampleAction, samplePlan } from '../../plan/sampleAction.ts'

const host = 'server1'
const libevent = { host, recipe: 'libevent', version: '2.1.12-stable' }
const memcached = { host, recipe: 'memcached', version: '1.6.18' }
const httpd = { host, recipe: 'httpd', version: '2.4.62' }
export const configure = { name: '02-configure', title: 'configure' }
export const make = { name: '03-make', title: 'make' }

const upgrade = sampleAction('memcached 1.6.18', 'upgrade', {
  installed: '1.6.17',
  reasons: ['version 1.6.17 -> 1.6.18', 'configure changed'],
})

export const makeFailed = new BuildStackError('STEP', 'make failed (exit code 2)', {
  host,
  recipe: 'memcached 1.6.18',
  step: 'make',
  log: ['cc: fatal error', 'make: *** [all] Error 2'],
  logFile: '/cache/logs/memcached.log',
})

const planned = (httpdKind: 'install' | 'keep'): RunEvent => ({
  type: 'host-planned',
  host,
  plan: samplePlan(
    host,
    sampleAction('libevent 2.1.12-stable', 'keep'),
    upgrade,
    sampleAction('httpd 2.4.62', httpdKind),
  ),
})

export const begin: RunEvent[] = [
  { type: 'host-connecting', host, address: '127.0.0.1:2222' },
  planned('install'),
  { type: 'recipe-end', ...libevent, result: 'kept', seconds: 0 },
  { type: 'recipe-start', ...memcached, action: upgrade },
]

export const transfers: RunEvent[] = [
  { type: 'fetch', ...memcached, what: 'memcached-1.6.18.tar.gz', done: 0, total: 1_100_000 },
  { type: 'fetch', ...memcached, what: 'memcached-1.6.18.tar.gz', done: 550_000, total: 1_100_000 },
  { type: 'fetch', ...memcached, what: 'memcached-1.6.18.tar.gz', done: 1_100_000, total: 1_100_000 },
  { type: 'upload', ...memcached, done: 0, total: 1_200_000 },
  { type: 'upload', ...memcached, done: 1_200_000, total: 1_200_000 },
]

export const job: RunEvent = {
  type: 'job',
  ...memcached,
  job: 'memcached-7f3a',
  resumed: false,
  steps: [configure, make],
  expected: { seconds: { configure: 10 }, logBytes: { make: 2_600_000 } },
}

export const configured: RunEvent[] = [
  { type: 'step-start', ...memcached, step: configure },
  output(configure, 'checking for gcc... \u001b[32mgcc\u001b[0m'),
  { type: 'step-end', ...memcached, step: configure, code: 0, seconds: 12.2 },
]

export const making: RunEvent = { type: 'step-start', ...memcached, step: make }

export const succeeded: RunEvent[] = [
  { type: 'step-end', ...memcached, step: make, code: 0, seconds: 185 },
  { type: 'recipe-end', ...memcached, result: 'done', seconds: 200 },
  { type: 'recipe-start', ...httpd, action: sampleAction('httpd 2.4.62', 'install') },
  { type: 'recipe-end', ...httpd, result: 'done', seconds: 61 },
  { type: 'host-end', host, seconds: 262 },
]

export const failed: RunEvent[] = [
  { type: 'step-end', ...memcached, step: make, code: 2, seconds: 3 },
  { type: 'recipe-end', ...memcached, result: 'failed', seconds: 16, error: makeFailed },
  { type: 'recipe-end', ...httpd, result: 'skipped', seconds: 0, because: 'needs memcached, which failed' },
  { type: 'host-end', host, seconds: 17 },
]

/** After `begin`: another run has the host, and does some of what this one was to do. */
export const locked: RunEvent[] = [
  { type: 'recipe-locked', ...memcached, because: 'another job runs on this host: pid 7 job httpd-1' },
  { type: 'host-waiting', host, job: 'httpd-1', lock: 'pid 7 job httpd-1' },
]

export const otherPlan: RunEvent[] = [
  planned('keep'),
  { type: 'recipe-end', ...httpd, result: 'kept', seconds: 0 },
  { type: 'recipe-start', ...memcached, action: upgrade },
  { type: 'recipe-end', ...memcached, result: 'done', seconds: 200 },
  { type: 'host-end', host, seconds: 262 },
]

export function output(step: typeof make, line: string): RunEvent {
  return { type: 'output', ...memcached, step, line }
}

export const unreachable: RunEvent = {
  type: 'host-end',
  host,
  seconds: 3,
  error: new BuildStackError('CONNECT', 'server1 (127.0.0.1:2222): connection refused', {
    host,
    next: 'Check the port',
  }),
}

/** A terminal or a pipe that keeps each write. */
export class Sink extends Writable {
  readonly writes: string[] = []
  rows = 24
  columns = 80

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push(chunk.toString())
    done()
  }

  get text(): string {
    return this.writes.join('')
  }
}
