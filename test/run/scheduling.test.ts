import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type HostEnd, Scheduling, type TaskEnd } from '../../runner/run/scheduling.ts'
import { decide } from '../../runner/schedule/decide.ts'
import { longestPaths } from '../../runner/schedule/longestPath.ts'
import type { HostBounds, RunBounds, Schedule, Task, TaskState } from '../../runner/schedule/schedule.ts'
import { rejects } from '../rejects.ts'
import { anyRun, buildingOf, type Given } from '../schedule/runs.ts'

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
  assert.is(await done, 'complete')
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
    'complete',
  )
  assert.is(await scheduling.carryOut('h', effects(notes)), 'complete')
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

for (const [how, ends] of [
  ['has ended', async () => 'failed'],
  ['is lost with its host', async (one: Task) => (one.id === 'db a' ? 'lost' : 'done')],
] as const) {
  test(`what comes after a task of another host begins when that one ${how}`, async () => {
    const scheduling = new Scheduling(['web', 'db', 'cache'], FREE, stops().both)
    const notes: string[] = []
    const after = ['db b', 'cache c']
    void scheduling.plan('web', [task('web', 'front', { after })], BOUNDS)
    void scheduling.plan('db', [task('db', 'a'), task('db', 'b', { after: ['db a'] })], BOUNDS)
    await scheduling.plan('cache', [task('cache', 'c')], BOUNDS)
    await scheduling.carryOut('cache', effects(notes))
    const done = scheduling.carryOut('web', effects(notes))
    assert.equal(notes, ['start cache c'])
    await scheduling.carryOut('db', effects(notes, ends as (task: Task) => Promise<TaskEnd>))
    assert.is(await done, 'complete')
    assert.is(notes.at(-1), 'start web front')
  })
}

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
  assert.is(await done, 'stopped')
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

test('a host that was refused begins nothing more before it has another plan, and then what is left by that', async () => {
  const scheduling = new Scheduling(['h'], FREE, stops().both)
  const notes: string[] = []
  const ends = new Map<string, (end: TaskEnd) => void>()
  const own = effects(notes, ({ id }) => new Promise((end) => ends.set(id, end)))
  const tasks = ['a', 'b'].map((name) => task('h', name, { parallel: false }))
  await scheduling.plan('h', [...tasks, task('h', 'c', { needs: ['h a'] })], { cpus: 2, dividesCpus: false })
  const first = scheduling.carryOut('h', own)
  ends.get('h b')?.('refused')
  ends.get('h a')?.('done')
  assert.is(await first, 'refused')
  assert.equal(notes, ['start h a', 'start h b'])
  // Somebody else has done b, and what a brought is not there any more.
  void scheduling.plan('h', [task('h', 'a'), task('h', 'c', { needs: ['h a'] })], BOUNDS)
  const second = scheduling.carryOut('h', own)
  ends.get('h a')?.('done')
  await new Promise(setImmediate)
  ends.get('h c')?.('done')
  assert.is(await second, 'complete')
  assert.equal(notes.slice(2), ['start h a', 'start h c'])
})

test('what has failed before a host was refused is not tried again; what another host waits for may be done', async () => {
  const scheduling = new Scheduling(['h', 'web'], FREE, stops().both)
  const notes: string[] = []
  const how: Record<string, TaskEnd> = { 'h bad': 'failed', 'h db': 'refused' }
  const own = effects(notes, async ({ id }) => how[id] ?? 'done')
  const tasks = [
    task('h', 'bad'),
    task('h', 'more', { needs: ['h bad'] }),
    task('h', 'db', { after: ['h more'] }),
  ]
  void scheduling.plan('h', tasks, BOUNDS)
  await scheduling.plan('web', [task('web', 'front', { after: ['h db'] })], BOUNDS)
  const front = scheduling.carryOut('web', own)
  assert.is(await scheduling.carryOut('h', own), 'refused')
  assert.equal(notes, ['start h bad', 'skip h more: h bad', 'start h db'])
  void scheduling.plan('h', tasks.slice(0, 2), BOUNDS)
  assert.is(await scheduling.carryOut('h', own), 'complete')
  assert.is(await front, 'complete')
  assert.equal(notes.slice(3), ['start web front', 'skip h more: h bad'])
})

test('what is skipped while a refused host has no plan is told with the next one', async () => {
  const scheduling = new Scheduling(['g', 'h'], { ...FREE, failFast: true }, stops().both)
  const notes: string[] = []
  let fail = () => {}
  void scheduling.plan('g', [task('g', 'a')], BOUNDS)
  await scheduling.plan('h', [task('h', 'b')], BOUNDS)
  const failing = scheduling.carryOut(
    'g',
    effects(notes, () => new Promise((end) => (fail = () => end('failed')))),
  )
  const refused = effects(notes, async () => 'refused' as const)
  assert.is(await scheduling.carryOut('h', refused), 'refused')
  fail()
  await failing
  assert.equal(notes, ['start g a', 'start h b'])
  void scheduling.plan('h', [task('h', 'b')], BOUNDS)
  assert.is(await scheduling.carryOut('h', refused), 'complete')
  assert.equal(notes.slice(2), ['skip h b: g a'])
})

test('a package that a refused host would have built is built by another one', async () => {
  const scheduling = new Scheduling(['g', 'h'], FREE, stops().both)
  const notes: string[] = []
  void scheduling.plan('g', [task('g', 'a', { shares: 'p' })], BOUNDS)
  await scheduling.plan('h', [task('h', 'a', { shares: 'p' })], BOUNDS)
  const refused = scheduling.carryOut(
    'g',
    effects(notes, async () => 'refused'),
  )
  assert.is(await scheduling.carryOut('h', effects(notes)), 'complete')
  assert.is(await refused, 'refused')
  assert.equal(notes, ['start g a', 'start h a'])
})

test('whichever hosts are refused, and however often, each task is done once or cannot be', () =>
  fc.assert(
    fc.asyncProperty(anyRun, fc.array(fc.nat(5), { minLength: 1 }), async (given, rolls) => {
      const scheduling = new Scheduling([...given.hosts.keys()], given.bounds, stops().both)
      const ends = new Map<string, string>()
      let refusals = 0
      const carryOut = async (host: string, bounds: HostBounds): Promise<HostEnd> => {
        const left = given.tasks.filter((one) => one.host === host && ends.get(one.id) !== 'done')
        // Of what is done nothing is needed.
        const isLeft = (id: string) => ends.get(id) !== 'done'
        await scheduling.plan(
          host,
          left.map((one) => ({ ...one, needs: one.needs.filter(isLeft) })),
          bounds,
        )
        const end = await scheduling.carryOut(host, {
          async start({ id }) {
            assert.is(ends.get(id), undefined, `${id} begins twice`)
            await new Promise(setImmediate)
            if (refusals < 20 && rolls[++refusals % rolls.length] === 0) return 'refused'
            const end = given.failing.has(id) ? 'failed' : 'done'
            ends.set(id, end)
            return end
          },
          skip: ({ id }) => void ends.set(id, 'skipped'),
        })
        return end === 'refused' ? carryOut(host, bounds) : end
      }
      const all = await Promise.all([...given.hosts].map(([host, bounds]) => carryOut(host, bounds)))
      assert.ok(all.every((end) => end === 'complete'))
      assert.is(ends.size, given.tasks.length)
    }),
    { numRuns: 200 },
  ))

/** A run whose tasks end one at a time, in the order of `turns`; calls `look` whenever nothing more is to be decided. */
async function ended(given: Given, turns: readonly number[], look: (schedule: Schedule) => void) {
  const hosts = [...given.hosts.keys()]
  const scheduling = new Scheduling(hosts, given.bounds, stops().both)
  const states = new Map<string, TaskState>()
  const [ready, stored] = [new Set<string>(), new Set<string>()]
  const atWork: { task: Task; end: (how: TaskEnd) => void }[] = []
  const schedule = (): Schedule => ({
    ...{ ...given, states, ready, stored, lost: new Set(), paths: longestPaths(given.tasks) },
    building: buildingOf({ tasks: given.tasks, states, stored }),
  })
  const settled = async () => {
    await new Promise(setImmediate)
    look(schedule())
  }
  for (const [host, bounds] of given.hosts) {
    const own = given.tasks.filter((task) => task.host === host)
    void scheduling.plan(host, own, bounds)
  }
  const over = hosts.map((host) => {
    ready.add(host)
    return scheduling.carryOut(host, {
      start(task, cpus) {
        states.set(task.id, { is: 'running', cpus })
        return new Promise((end) => atWork.push({ task, end }))
      },
      skip: ({ id }, because) => void states.set(id, { is: 'skipped', because }),
    })
  })
  for (let turn = 0; atWork.length > 0; turn += 1) {
    await settled()
    const pick = turns[turn % turns.length] as number
    const [{ task, end }] = atWork.splice(pick % atWork.length, 1) as [(typeof atWork)[number]]
    const fails = given.failing.has(task.id)
    // A package that was built may have got lost on its way.
    if (!fails && task.shares !== undefined && pick % 4 > 0) {
      stored.add(task.shares)
      scheduling.store(task.shares)
    }
    states.set(task.id, { is: fails ? 'failed' : 'done' })
    end(fails ? 'failed' : 'done')
    await settled()
  }
  assert.ok((await Promise.all(over)).every((end) => end === 'complete'))
}

test('a look at the hosts where something has changed leaves nothing that a look at all would begin or skip', () =>
  fc.assert(
    fc.asyncProperty(anyRun, fc.array(fc.nat(), { minLength: 1 }), (given, turns) => {
      // With these it looks at all of them.
      const bounds = { ...given.bounds, jobs: undefined, hostsAtOnce: undefined }
      return ended({ ...given, bounds }, turns, (schedule) =>
        assert.equal(decide(schedule), { start: [], skip: [] }),
      )
    }),
    { numRuns: 200 },
  ))

test.run()
