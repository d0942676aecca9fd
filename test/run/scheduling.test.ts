import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Scheduling, type TaskEnd } from '../../runner/run/scheduling.ts'
import type { RunBounds, Task } from '../../runner/schedule/schedule.ts'
import { rejects } from '../rejects.ts'

const test = suite('run/scheduling')
const FREE: RunBounds = { jobs: undefined, hostsAtOnce: undefined, failFast: false }
const BOUNDS = { cpus: 2, dividesCpus: true }

function task(host: string, name: string, more: Partial<Task> = {}): Task {
  const rest = { needs: [], after: [], seconds: 1, parallel: true, shares: undefined }
  return { id: `${host} ${name}`, host, ...rest, ...more }
}

/** Notes what begins and what is skipped; each task ends as `ends` says. */
function effects(notes: string[], ends: (task: Task) => Promise<TaskEnd> = async () => 'done') {
  return {
    start: (one: Task) => {
      notes.push(`start ${one.id}`)
      return ends(one)
    },
    skip: ({ id }: Task, because: string) => void notes.push(`skip ${id}: ${because}`),
  }
}

function stops() {
  const [held, signal] = [new AbortController(), new AbortController()]
  return { held, signal, both: { held: held.signal, signal: signal.signal } }
}

test('no host begins before all have planned, or are lost', async () => {
  const scheduling = new Scheduling(['g', 'h', 'i'], FREE, stops().both)
  const notes: string[] = []
  const planned = scheduling.plan('h', [task('h', 'a')], BOUNDS)
  const done = scheduling.carryOut('h', effects(notes))
  void scheduling.plan('g', [], BOUNDS)
  assert.equal(notes, [])
  scheduling.lose('i')
  await planned
  assert.is(await done, true)
  assert.equal(notes, ['start h a'])
})

test('what was skipped before its host was ready is told to it', async () => {
  const scheduling = new Scheduling(['g', 'h'], { ...FREE, failFast: true }, stops().both)
  const notes: string[] = []
  void scheduling.plan('g', [task('g', 'a')], BOUNDS)
  await scheduling.plan('h', [task('h', 'b')], BOUNDS)
  assert.is(
    await scheduling.carryOut(
      'g',
      effects(notes, async () => 'failed'),
    ),
    true,
  )
  assert.is(await scheduling.carryOut('h', effects(notes)), true)
  assert.equal(notes, ['start g a', 'skip h b: g a'])
})

test('a host that is lost begins nothing more; the others go on', async () => {
  const scheduling = new Scheduling(['g', 'h'], FREE, stops().both)
  const notes: string[] = []
  void scheduling.plan('g', [task('g', 'a'), task('g', 'b', { after: ['g a'] })], BOUNDS)
  await scheduling.plan('h', [task('h', 'c')], BOUNDS)
  await scheduling.carryOut(
    'g',
    effects(notes, async () => 'lost'),
  )
  await scheduling.carryOut('h', effects(notes))
  assert.equal(notes, ['start g a', 'skip g b: g', 'start h c'])
})

test('once held nothing begins; once stopped it is over when what runs has ended', async () => {
  const stop = stops()
  const scheduling = new Scheduling(['h'], FREE, stop.both)
  const notes: string[] = []
  let end = (_: TaskEnd) => {}
  await scheduling.plan('h', [task('h', 'a'), task('h', 'b', { needs: ['h a'] })], BOUNDS)
  const done = scheduling.carryOut(
    'h',
    effects(notes, () => new Promise((resolve) => (end = resolve))),
  )
  stop.held.abort()
  stop.signal.abort()
  end('done')
  assert.is(await done, false)
  assert.equal(notes, ['start h a'])
})

test('what is no failure of a task is thrown to its host', async () => {
  const scheduling = new Scheduling(['h'], FREE, stops().both)
  await scheduling.plan('h', [task('h', 'a')], BOUNDS)
  await rejects(
    scheduling.carryOut(
      'h',
      effects([], () => Promise.reject(new Error('a bug'))),
    ),
    /a bug/,
  )
})

test('a package that one host alone builds is no reason to wait; one of several is stored for the others', async () => {
  const scheduling = new Scheduling(['g', 'h'], FREE, stops().both)
  const shared: (string | undefined)[] = []
  const own = effects([], async ({ shares }) => {
    shared.push(shares)
    if (shares !== undefined) scheduling.store(shares)
    return 'done'
  })
  void scheduling.plan('g', [task('g', 'a', { shares: 'p' }), task('g', 'b', { shares: 'q' })], BOUNDS)
  await scheduling.plan('h', [task('h', 'a', { shares: 'p' })], BOUNDS)
  await Promise.all([scheduling.carryOut('g', own), scheduling.carryOut('h', own)])
  assert.equal(shared.sort(), ['p', 'p', undefined])
  assert.equal([scheduling.isStored('p'), scheduling.isStored('q')], [true, false])
})

test.run()
