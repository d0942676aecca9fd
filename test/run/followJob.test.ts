import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { JobFollower, type StepEvent } from '../../runner/run/followJob.ts'
import { JobLog } from '../../runner/run/jobLog.ts'

interface Context {
  folder: string
  log: JobLog
  events: StepEvent[]
  clock: { now: number }
  follower: JobFollower
}

const test = suite<Context>('run/followJob')

const TOKEN = '0123456789abcdef'
const STEPS = [
  { name: '01-configure', title: 'configure' },
  { name: '02-test', title: 'test in place' },
  { name: '03-test', title: 'test in place' },
]
const at = (second: number) => `2026-11-24T08:00:${String(second).padStart(2, '0')}Z`
const mark = (second: number, words: string) => Buffer.from(`\x1e${TOKEN} ${at(second)} ${words}\n`)

const cacheBefore = process.env.BUILD_STACK_CACHE

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), 'build-stack-follow-'))
  process.env.BUILD_STACK_CACHE = context.folder
  context.log = new JobLog('box', 'tool-1.0-abc')
  context.events = []
  context.clock = { now: 0 }
  context.follower = new JobFollower(
    TOKEN,
    STEPS,
    context.log,
    (event) => context.events.push(event),
    () => context.clock.now,
  )
})
test.after.each(({ folder }) => {
  if (cacheBefore === undefined) delete process.env.BUILD_STACK_CACHE
  else process.env.BUILD_STACK_CACHE = cacheBefore
  rmSync(folder, { recursive: true, force: true })
})

test('a step that was kept is told, and the one that goes on in the middle is not measured', ({
  follower,
  events,
}) => {
  follower.read(mark(0, 'kept 01-configure'))
  follower.read(mark(0, 'step 02-test'))
  follower.read(mark(1, 'done 02-test 0'))
  assert.equal(
    events.map(({ type, step }) => [type, step.name]),
    [
      ['step-kept', '01-configure'],
      ['step-start', '02-test'],
      ['step-end', '02-test'],
    ],
  )
  assert.equal(follower.durations, { seconds: {}, logBytes: {} })
})

test('tells steps with their titles, output, ends, and keeps a copy for a person', async ({
  follower,
  events,
  log,
  clock,
  folder,
}) => {
  follower.read(mark(0, 'step 01-configure'))
  follower.read(Buffer.from('checking\n'))
  clock.now = 2300
  follower.read(mark(2, 'done 01-configure 0'))
  assert.equal(events, [
    { type: 'step-start', step: STEPS[0] },
    { type: 'output', step: STEPS[0], line: 'checking' },
    { type: 'step-end', step: STEPS[0], code: 0, seconds: 2.3 },
  ])
  assert.not(follower.ended)
  follower.read(mark(2, 'end 0'))
  assert.ok(follower.ended)
  assert.equal(follower.end, { code: 0, failed: undefined })
  await log.close()
  assert.is(log.file, join(folder, 'logs/box/tool-1.0-abc.log'))
  assert.is(readFileSync(log.file, 'utf8'), `=== configure (${at(0)})\nchecking\n`)
})

test('sums the steps of one title for the next run', ({ follower, clock }) => {
  for (const [name, second] of [
    ['02-test', 0],
    ['03-test', 4],
  ] as const) {
    clock.now = second * 1000
    follower.read(Buffer.concat([mark(second, `step ${name}`), Buffer.from('1234\n')]))
    clock.now = second * 1000 + 1500
    follower.read(mark(second + 1, `done ${name} 0`))
  }
  assert.equal(follower.durations, { seconds: { 'test in place': 3 }, logBytes: { 'test in place': 10 } })
})

test('believes the host’s clock for what had ended before it was read', ({ follower, events }) => {
  follower.read(Buffer.concat([mark(0, 'step 01-configure'), mark(50, 'done 01-configure 0')]))
  assert.equal(events.at(-1), { type: 'step-end', step: STEPS[0], code: 0, seconds: 50 })
})

test('names the step that failed, and has only its last lines', ({ follower, log }) => {
  follower.read(
    Buffer.concat([mark(0, 'step 01-configure'), Buffer.from('old\n'), mark(1, 'done 01-configure 0')]),
  )
  follower.read(mark(1, 'step 02-test'))
  follower.read(Buffer.from(Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('')))
  follower.read(Buffer.concat([mark(2, 'done 02-test 2'), Buffer.from('undone\n'), mark(3, 'end 2')]))
  assert.equal(follower.end, { code: 2, failed: STEPS[1] })
  assert.is(log.tail.length, 30)
  assert.equal(log.tail.slice(-2), ['line 99', 'undone'])
})

test('knows a step that its list lacks by its name, and how many bytes it has read', ({
  follower,
  events,
}) => {
  follower.read(mark(0, 'step 09-new'))
  assert.equal(events, [{ type: 'step-start', step: { name: '09-new', title: '09-new' } }])
  assert.is(follower.bytes, mark(0, 'step 09-new').length)
})

test.run()
