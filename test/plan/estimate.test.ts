import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { downSeconds, durationOf, secondsOf, serviceForecasts } from '../../runner/plan/estimate.ts'
import type { HostInventory } from '../../runner/run/inventory.ts'
import { mergedDurations } from '../../runner/run/inventory.ts'
import { recordedFor } from '../../runner/run/recordedRuns.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { sampleAction } from './sampleAction.ts'

const STEPS = [
  'unpack',
  'configure',
  'build',
  'stage',
  'stop x',
  'stop y',
  'install',
  'start x',
  'start y',
  'record',
]
const SECONDS = {
  unpack: 1,
  configure: 20,
  build: 400,
  stage: 5,
  'stop x': 2,
  'stop y': 1,
  install: 3,
  'start x': 4,
  'start y': 10,
  record: 0.5,
}
const action = sampleAction('x 1', 'upgrade', {
  installed: '0',
  steps: STEPS,
  build: { services: [{ name: 'x', enabled: true }, { name: 'y' }] as never, restarts: ['httpd'] },
})

const test = suite('estimates')

test('a build takes what its steps took', () => {
  assert.equal(durationOf(STEPS, SECONDS, 'a'), { seconds: 446.5, from: 'a' })
})

test('a build whose compiling was never measured is not guessed, nor one of which little is known', () => {
  const { build: _, ...others } = SECONDS
  assert.is(durationOf(STEPS, others, 'a'), undefined)
  assert.is(durationOf(['install', 'record'], { other: 1 }, 'a'), undefined)
  assert.is(durationOf(STEPS, { build: 400 }, 'a'), undefined)
})

test('a service is down from the beginning of its stop to the end of its start', () => {
  assert.is(downSeconds(STEPS, SECONDS, 'x'), 2 + 1 + 3 + 4)
  assert.is(downSeconds(STEPS, SECONDS, 'y'), 1 + 3 + 4 + 10)
  assert.is(downSeconds(STEPS, { 'stop x': 1, install: 2 }, 'x'), undefined)
  assert.is(downSeconds(['install'], SECONDS, 'x'), undefined)
})

/** States by name; what is not named is not there. */
function forecastOf(states: Record<string, string>, more: { gone?: string[]; coming?: string[] } = {}) {
  const { gone = [], coming = [] } = more
  const set = { state: (name: string) => states[name], gone, coming: new Set(coming) }
  return serviceForecasts(action, { ...SECONDS, 'restart httpd': 7 }, set)
}

test('services that run restart, one stopped by hand does not, others that load the recipe follow', () => {
  assert.equal(forecastOf({ x: 'online', y: 'disabled', httpd: 'online' }, { gone: ['svc:/old'] }), [
    { name: 'x', what: 'restart', downSeconds: 10 },
    { name: 'svc:/old', what: 'stop', downSeconds: undefined },
    { name: 'httpd', what: 'restart', downSeconds: 7 },
  ])
})

test('what has failed or is new starts; of others only those are restarted that are there', () => {
  const starts = (name: string) => ({ name, what: 'start' as const, downSeconds: undefined })
  assert.equal(forecastOf({ x: 'maintenance', y: 'offline' }), [starts('y'), starts('x')])
  assert.equal(forecastOf({ y: 'disabled', httpd: 'disabled' }), [starts('x')])
  assert.equal(forecastOf({ x: 'disabled', y: 'disabled' }, { coming: ['httpd'] }), [
    { name: 'httpd', what: 'restart', downSeconds: 7 },
  ])
})

test('another host’s compiling is scaled by the cpus, and nothing else is', () => {
  const recorded = { host: 'big', cpus: 16, expected: { seconds: SECONDS, logBytes: {} } }
  assert.equal(secondsOf(action, recorded, 'small', 4), { ...SECONDS, build: 1600 })
  assert.equal(secondsOf(action, recorded, 'big', 4), SECONDS)
  const alone = sampleAction('x 1', 'install', { build: { parallel: false } })
  assert.equal(secondsOf(alone, recorded, 'small', 4), SECONDS)
})

function inventory(host: string, platform: string, seconds: Record<string, number>): HostInventory {
  return {
    format: 1,
    host,
    seenAt: '2026-11-24T08:00:00Z',
    receipts: { x: receipt('x', { platform }) },
    durations: { x: { seconds, logBytes: {} } },
  }
}

test('comes from this host, else from one of the same platform that has built it', () => {
  const all = [
    inventory('packaged', 'Linux x86_64', { install: 1, record: 1 }),
    inventory('other', 'SunOS 5.11 i86pc', SECONDS),
    inventory('sibling', 'Linux x86_64', SECONDS),
  ]
  assert.is(recordedFor(action, 'new', all)?.host, 'sibling')
  assert.is(recordedFor(action, 'packaged', all)?.host, 'sibling')
  assert.is(recordedFor(action, 'other', all)?.host, 'other')
  assert.is(recordedFor({ ...action, recipe: 'unknown' }, 'other', all), undefined)
})

test('a later run without a build does not make the build forgotten', () => {
  const before = { x: { seconds: { build: 400, install: 3 }, logBytes: { build: 9 }, workBytes: 7 } }
  const merged = mergedDurations(before, { x: { seconds: { install: 2 }, logBytes: { install: 1 } } })
  assert.equal(merged, {
    x: { seconds: { build: 400, install: 2 }, logBytes: { build: 9, install: 1 }, workBytes: 7 },
  })
})
test.run()
