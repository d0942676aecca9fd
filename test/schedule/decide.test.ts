import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decide, SPARE_JOBS } from '../../runner/schedule/decide.ts'
import { longestPaths } from '../../runner/schedule/longestPath.ts'
import type { HostBounds, Schedule, Task, TaskState } from '../../runner/schedule/schedule.ts'
import { isEnded } from '../../runner/schedule/schedule.ts'
import { anyRun, buildingOf, type Given, ran } from './runs.ts'

const test = suite('schedule/decide')

function law(title: string, holds: (given: Given) => void): void {
  test(title, () => fc.assert(fc.property(anyRun, holds), { numRuns: 300 }))
}

const taskOf = (given: Given) => new Map(given.tasks.map((task) => [task.id, task]))

const placesOf = ({ cpus, dividesCpus }: HostBounds) => cpus + (dividesCpus ? SPARE_JOBS : 0)

law('at no time more than the cpus of a host, the jobs of the run, the hosts at once', (given) => {
  const tasks = taskOf(given)
  ran(given, ({ states }) => {
    const running = [...states].flatMap(([id, state]) =>
      state.is === 'running' ? [{ task: tasks.get(id) as Task, cpus: state.cpus }] : [],
    )
    for (const [host, bounds] of given.hosts) {
      const used = running.filter(({ task }) => task.host === host).map((one) => one.cpus)
      assert.ok(used.reduce((sum, one) => sum + one, 0) <= placesOf(bounds))
      assert.ok(used.every((one) => one >= 1))
    }
    assert.ok(running.length <= (given.bounds.jobs ?? running.length))
    const open = [...given.hosts.keys()].filter((host) => {
      const own = given.tasks
        .filter((task) => task.host === host)
        .map(({ id }) => states.get(id)?.is ?? 'waiting')
      return (
        own.some((is) => is !== 'waiting' && is !== 'skipped') &&
        own.some((is) => is === 'waiting' || is === 'running')
      )
    })
    assert.ok(open.length <= (given.bounds.hostsAtOnce ?? open.length))
    const packages = running.flatMap(({ task }) => task.shares ?? [])
    assert.is(new Set(packages).size, packages.length)
  })
})

law('nothing begins before what it needs is done, and before what it comes after has ended', (given) => {
  const tasks = taskOf(given)
  const { begun, states } = ran(given)
  const ends = new Map(begun.map(({ id, end }) => [id, end]))
  for (const { id, at } of begun) {
    const { needs, after } = tasks.get(id) as Task
    for (const need of needs) assert.ok(states.get(need)?.is === 'done' && (ends.get(need) as number) <= at)
    for (const one of after) assert.ok((ends.get(one) ?? 0) <= at)
  }
})

law('everything comes to an end: it is done, or failed, or skipped', (given) => {
  const { states } = ran(given)
  for (const { id } of given.tasks) assert.ok(isEnded(states.get(id) ?? { is: 'waiting' }), id)
})

law(
  'just what needs a failed task is skipped, for one that it needs; with failFast, all that had not begun',
  (given) => {
    const { states, begun, decisions } = ran(given)
    const skips = new Map(
      decisions.flatMap(({ skip }) => skip.map(({ id, because }) => [id, because] as const)),
    )
    const lost = new Set<string>()
    // Tasks come after what they need.
    for (const { id, needs } of given.tasks) {
      if (states.get(id)?.is === 'failed' || needs.some((need) => lost.has(need))) lost.add(id)
    }
    for (const { id, needs } of given.tasks) {
      const because = skips.get(id)
      assert.is(because !== undefined, states.get(id)?.is === 'skipped')
      const inVain = needs.some((need) => lost.has(need))
      if (!given.bounds.failFast) assert.is(because !== undefined, inVain)
      if (because !== undefined)
        assert.ok(needs.includes(because) ? lost.has(because) : states.get(because)?.is === 'failed')
    }
    if (!given.bounds.failFast) return
    const failedAt = begun.filter(({ id }) => given.failing.has(id)).map(({ end }) => end)
    for (const { at } of begun) assert.ok(at < Math.min(...failedAt, Number.POSITIVE_INFINITY))
  },
)

law('is the same for the same schedule, in whatever order its states were noted', (given) => {
  ran(given, (schedule) => {
    const turned = new Map([...schedule.states].reverse())
    assert.equal(decide({ ...schedule, states: turned }), decide(schedule))
  })
})

law('is no faster than the longest chain and than the work', (given) => {
  const { seconds, begun } = ran(given)
  const tasks = begun.map(({ id }) => taskOf(given).get(id) as Task)
  assert.ok(seconds >= Math.max(0, ...longestPaths(withinOf(tasks)).values()))
  for (const [host, bounds] of given.hosts) {
    const work = begun
      .filter(({ id }) => id.startsWith(`${host} `))
      .map((one) => (one.end - one.at) * one.cpus)
    assert.ok(seconds * placesOf(bounds) >= work.reduce((sum, one) => sum + one, 0))
  }
})

/** Without the edges to what did not begin. */
function withinOf(tasks: Task[]): Task[] {
  const ids = new Set(tasks.map(({ id }) => id))
  const within = (list: readonly string[]) => list.filter((id) => ids.has(id))
  return tasks.map((task) => ({ ...task, needs: within(task.needs), after: within(task.after) }))
}

// R. L. Graham, Bounds on multiprocessing timing anomalies (1969): so good is whoever leaves no cpu idle while something could run.
law(
  'one host that divides its cpus is never worse than the work on all of them and most of the longest chain',
  (any) => {
    const host = any.tasks[0]?.host
    if (host === undefined) return
    const cpus = any.hosts.get(host)?.cpus ?? 1
    const given: Given = {
      tasks: any.tasks.filter((task) => task.host === host).map((task) => ({ ...task, shares: undefined })),
      hosts: new Map([[host, { cpus, dividesCpus: true }]]),
      bounds: { jobs: undefined, hostsAtOnce: undefined, failFast: false },
      failing: new Set(),
    }
    const work = given.tasks.reduce((sum, { seconds }) => sum + seconds, 0)
    const chain = Math.max(...longestPaths(given.tasks).values())
    assert.ok(ran(given).seconds <= work / cpus + (1 - 1 / cpus) * chain + 1e-9)
  },
)

function schedule(tasks: Partial<Task>[], more: Partial<Schedule> = {}): Schedule {
  const whole = tasks.map(
    (task): Task => ({
      ...{ id: '', host: 'h', needs: [], after: [], seconds: 1, parallel: true, shares: undefined },
      ...task,
    }),
  )
  const { states = new Map(), stored = new Set() } = more
  return {
    tasks: whole,
    states,
    hosts: new Map(
      [...new Set(whole.map(({ host }) => host))].map((host) => [host, { cpus: 4, dividesCpus: false }]),
    ),
    bounds: { jobs: undefined, hostsAtOnce: undefined, failFast: false },
    paths: longestPaths(whole),
    ready: new Set(whole.map(({ host }) => host)),
    lost: new Set(),
    building: buildingOf({ tasks: whole, states, stored }),
    stored,
    ...more,
  }
}

const started = (given: Schedule) => decide(given).start.map(({ id, cpus }) => `${id}:${cpus}`)
const is = (states: Record<string, TaskState['is']>) =>
  new Map(Object.entries(states).map(([id, state]) => [id, { is: state, cpus: 1, because: '' } as TaskState]))

test('what has the longest path goes first; equal ones in the order of the plan', () => {
  const tasks = [{ id: 'a' }, { id: 'b' }, { id: 'c', needs: ['b'], seconds: 9 }, { id: 'd' }]
  const hosts = new Map([['h', { cpus: 2, dividesCpus: false }]])
  assert.equal(
    started(
      schedule(
        tasks.map((task) => ({ ...task, parallel: false })),
        { hosts },
      ),
    ),
    ['b:1', 'a:1'],
  )
})

test('a host that divides its cpus begins one more than it has: some of them wait, for a turn or for files', () => {
  const hosts = new Map([['h', { cpus: 2, dividesCpus: true }]])
  const tasks = [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }]
  assert.equal(started(schedule(tasks, { hosts })), ['a:1', 'b:1', 'c:1'])
})

test('fixed shares: one alone has all cpus, several have equal parts, what cannot use them has one', () => {
  assert.equal(started(schedule([{ id: 'a' }])), ['a:4'])
  assert.equal(started(schedule([{ id: 'a' }, { id: 'b' }])), ['a:2', 'b:2'])
  assert.equal(started(schedule([{ id: 'a' }, { id: 'b' }, { id: 'c' }])), ['a:1', 'b:1', 'c:2'])
  assert.equal(started(schedule([{ id: 'a', parallel: false }, { id: 'b' }])), ['a:1', 'b:3'])
})

test('a package that several hosts need is built by one of them, and the others wait for it', () => {
  const tasks = [{ id: 'a', host: 'g', shares: 'p' }, { id: 'b', shares: 'p' }, { id: 'c' }]
  assert.equal(started(schedule(tasks)), ['a:4', 'c:2'])
  assert.equal(started(schedule(tasks, { states: is({ a: 'running', c: 'running' }) })), [])
  assert.equal(started(schedule(tasks, { states: is({ a: 'done', c: 'done' }) })), ['b:4'])
  // Once it is there, all install it at once.
  const stored = new Set(['p'])
  assert.equal(started(schedule(tasks, { states: is({ a: 'running', c: 'done' }), stored })), ['b:4'])
})

test('a host is brought to its end before another is begun, where hosts are bounded', () => {
  const bounds = { jobs: undefined, hostsAtOnce: 1, failFast: false }
  const tasks = [
    { id: 'a', host: 'g' },
    { id: 'b', host: 'g', needs: ['a'] },
    { id: 'c', seconds: 9 },
  ]
  assert.equal(started(schedule(tasks, { bounds, states: is({ a: 'done' }) })), ['b:4'])
  assert.equal(started(schedule(tasks, { bounds, states: is({ a: 'done', b: 'failed' }) })), ['c:4'])
})

test('a host that is not ready, or lost, begins nothing; with failFast a lost host ends the others’, too', () => {
  const tasks = [{ id: 'a', host: 'g' }, { id: 'b' }]
  assert.equal(started(schedule(tasks, { ready: new Set(['h']) })), ['b:4'])
  const lost = schedule(tasks, { lost: new Set(['g']) })
  assert.equal(decide(lost), { start: [{ id: 'b', cpus: 4 }], skip: [{ id: 'a', because: 'g' }] })
  const bounds = { jobs: undefined, hostsAtOnce: undefined, failFast: true }
  assert.equal(decide({ ...lost, bounds }), {
    start: [],
    skip: [
      { id: 'a', because: 'g' },
      { id: 'b', because: 'g' },
    ],
  })
})

test.run()
