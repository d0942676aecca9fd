import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BuildService } from '../../runner/desired/build.ts'
import { hostTasks, taskText } from '../../runner/schedule/hostTasks.ts'
import { sampleAction, samplePlan } from '../plan/sampleAction.ts'

const test = suite('schedule/hostTasks')
const knowledge = { seconds: () => 1, supervisor: 'daemontools' }
const service = (name: string, ...requires: string[]) => ({ name, requires }) as unknown as BuildService
const services = [service('web')]

function tasks(...actions: ReturnType<typeof sampleAction>[]) {
  return hostTasks(samplePlan('box', ...actions), knowledge)
}

test('what is up to date is no task, and nobody waits for it', () => {
  const second = sampleAction('b 1', 'install', { build: { dependencies: { a: '1' } } })
  assert.equal(
    tasks(sampleAction('a 1', 'keep'), second).map(({ id, needs }) => [id, needs]),
    [['box b', []]],
  )
  const [, needing] = tasks(sampleAction('a 1', 'upgrade'), second)
  assert.equal(needing?.needs, ['box a'])
})

test('services come after their supervisor, and a recipe that restarts them keeps its place', () => {
  const all = tasks(
    sampleAction('daemontools 1', 'install'),
    sampleAction('module 1', 'install', { build: { restarts: ['web'] } }),
    sampleAction('tool 1', 'install'),
    sampleAction('web 1', 'install', { build: { services } }),
  )
  assert.equal(
    all.map(({ after }) => after),
    [[], [], [], ['box daemontools', 'box module']],
  )
})

test('removals, rollbacks and what is asked of services keep the order of their plan', () => {
  for (const kind of ['remove', 'rollback', 'adopt', 'start', 'stop', 'restart', 'refresh'] as const) {
    const [, second, third] = tasks(
      sampleAction('a 1', kind),
      sampleAction('b 1', kind),
      sampleAction('c 1', kind),
    )
    assert.equal([second?.after, third?.after], [['box a'], ['box a', 'box b']])
  }
})

test('a service comes after the one that it requires', () => {
  const all = tasks(
    sampleAction('db 1', 'install', { build: { services: [service('mysql')] } }),
    sampleAction('other 1', 'install', { build: { services: [service('other')] } }),
    sampleAction('web 1', 'install', { build: { services: [service('web', 'network', 'db/mysql')] } }),
  )
  assert.equal(
    all.map(({ after }) => after),
    [[], [], ['box db']],
  )
})

test('what a service awaits of another box comes before it, where this run brings it', () => {
  const ready = { address: '192.0.2.7', port: 3306 }
  const awaits = [
    { box: 'db1', recipe: 'mysql', ready, timeout: 9 },
    { box: 'db2', ready, timeout: 9 },
    { box: 'box', recipe: 'web', ready, timeout: 9 },
  ]
  const web = sampleAction('web 1', 'install', {
    build: { services: [{ ...service('web'), awaits }] },
  })
  assert.equal(
    tasks(web).map(({ needs, after }) => [needs, after]),
    [[[], ['db1 mysql']]],
  )
})

test('only a build uses several cpus, and only what it builds is for others', () => {
  const [built, packed, changed, serial] = tasks(
    sampleAction('a 1', 'install'),
    sampleAction('b 1', 'install', { package: { name: 'b-1-x', at: 'host' } }),
    sampleAction('c 1', 'update'),
    sampleAction('d 1', 'install', { build: { parallel: false } }),
  )
  assert.equal(
    [built, packed, changed, serial].map((task) => task?.parallel),
    [true, false, false, false],
  )
  assert.equal(
    [built, packed, changed].map((task) => task?.shares !== undefined),
    [true, false, false],
  )
})

test('a task is a recipe on a host; a host is itself', () => {
  assert.equal([taskText('box a'), taskText('box')], ['a on box', 'box'])
})

test.run()
