import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decide } from '../../runner/schedule/decide.ts'
import { longestPaths } from '../../runner/schedule/longestPath.ts'
import { withOtherBoxes } from '../../runner/schedule/otherBoxes.ts'
import type { Schedule, Task } from '../../runner/schedule/schedule.ts'

const test = suite('schedule/otherBoxes')

function task(id: string, after: string[] = [], needs: string[] = []): Task {
  const [host = ''] = id.split(' ')
  return { id, host, needs, after, seconds: 1, parallel: false, shares: undefined }
}

const afters = (tasks: Task[], bounded = false) =>
  Object.fromEntries(withOtherBoxes(tasks, bounded).map(({ id, after }) => [id, after]))

test('what is not in this run is not waited for; what is, is', () => {
  const tasks = [task('web front', ['db mysql', 'db gone']), task('db mysql')]
  assert.equal(afters(tasks), { 'web front': ['db mysql'], 'db mysql': [] })
})

test('of two that wait for each other the later one does not', () => {
  const tasks = [task('a x', ['b y']), task('b y', ['a x'])]
  assert.equal(afters(tasks), { 'a x': ['b y'], 'b y': [] })
  const over = [task('a x', ['b y']), task('b y', [], ['b z']), task('b z', ['a x'])]
  assert.equal(afters(over), { 'a x': ['b y'], 'b y': [], 'b z': [] })
})

test('hosts may wait for each other, where all of them may be begun', () => {
  const tasks = [task('a x', ['b y']), task('b y'), task('a z'), task('b v', ['a z'])]
  assert.equal(afters(tasks), { 'a x': ['b y'], 'b y': [], 'a z': [], 'b v': ['a z'] })
  assert.equal(afters(tasks, true), { 'a x': ['b y'], 'b y': [], 'a z': [], 'b v': [] })
})

test('the box that is awaited is begun first, where one alone may be', () => {
  const tasks = withOtherBoxes(
    [task('web library'), task('web front', ['db mysql'], ['web library']), task('db mysql')],
    true,
  )
  const schedule: Schedule = {
    tasks,
    states: new Map(),
    hosts: new Map(['web', 'db'].map((host) => [host, { cpus: 4, dividesCpus: true }])),
    bounds: { jobs: undefined, hostsAtOnce: 1, failFast: false },
    paths: longestPaths(tasks),
    ready: new Set(['web', 'db']),
    lost: new Set(),
    stored: new Set(),
    building: new Set(),
  }
  const started = (states: Schedule['states']) => decide({ ...schedule, states }).start.map(({ id }) => id)
  assert.equal(started(new Map()), ['db mysql'])
  assert.equal(started(new Map([['db mysql', { is: 'failed' }]])), ['web library'])
})

test.run()
