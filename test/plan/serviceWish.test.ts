import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import { planServices } from '../../runner/plan/serviceWish.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import { daemontools } from '../../runner/services/daemontools.ts'
import { smf } from '../../runner/services/smf.ts'
import type { ServiceVerb, Supervisor } from '../../runner/services/supervisor.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

const test = suite('plan/serviceWish')

const host = { name: 'box', prefix: '/opt/local' } as Host
const web = receipt('web', {
  inputs: { build: {}, files: {}, services: { front: 'as built', back: 'as built' } },
  services: ['front', 'back'].map((name) => ({ fmri: smf.identifier({ name }), manifest: `/${name}.xml` })),
})
const plain = receipt('plain')

function facts(states: Record<string, string>): Facts {
  return {
    ...{ os: 'SunOS', release: '5.11', machine: 'i86pc', receipts: { web, plain } },
    services: Object.entries(states).map(([name, state]) => {
      return { fmri: smf.identifier({ name }), state, nextState: '-', since: '-' }
    }),
  } as unknown as Facts
}

const UP = { front: 'online', back: 'online' }

interface Given {
  states: Record<string, string>
  supervisor: Supervisor | 'none'
  /** Of what the recipe says of the service. */
  hash: string
}

function plan(
  verb: ServiceVerb,
  words: string[],
  { states = UP, supervisor = smf, hash = 'as built' }: Partial<Given> = {},
) {
  const definition = {
    ...{ name: 'front', startTimeout: 7, stopTimeout: 8, ready: { port: 80, address: '::1' } },
  } as never
  const builds = [
    {
      recipe: 'web',
      services: [definition],
      inputs: { build: {}, files: {}, services: { front: hash, back: 'another' } },
    },
  ]
  const known = { supervisor: supervisor === 'none' ? undefined : supervisor, builds }
  return planServices(host, facts(states), { verb, words }, known, () => ['a step'])
}

test('one action for each recipe, its services in the order asked', () => {
  const { actions } = plan('restart', ['back', 'front', 'back'])
  assert.equal(
    actions.map(({ recipe, kind, steps, services }) => [
      recipe,
      kind,
      steps,
      services?.map(({ name }) => name),
    ]),
    [['web', 'restart', ['a step'], ['back', 'front']]],
  )
})

test('what others require is started before them and stopped after them, over recipes and within one', () => {
  const named = (name: string) => smf.identifier({ name })
  const services = (list: Record<string, string[]>) => ({
    inputs: {
      build: {},
      files: {},
      services: Object.fromEntries(Object.keys(list).map((name) => [name, 'as built'])),
    },
    services: Object.entries(list).map(([name, requires]) => ({
      ...{ fmri: named(name), manifest: '', requires: requires.map(named) },
    })),
  })
  const receipts = {
    front: receipt('front', services({ page: ['app'], app: ['mysql'] })),
    db: receipt('db', services({ mysql: [] })),
    cache: receipt('cache', services({ cache: ['cache'] })),
  }
  const known = ['page', 'app', 'mysql', 'cache'].map((name) => ({ fmri: named(name), state: 'online' }))
  const planned = (verb: ServiceVerb) =>
    planServices(
      host,
      { ...facts({}), receipts, services: known } as unknown as Facts,
      { verb, words: ['front', 'cache', 'db'] },
      { supervisor: smf, builds: [] },
      () => [],
    ).actions.flatMap(({ services }) => (services ?? []).map(({ name }) => name))
  for (const verb of ['start', 'restart', 'refresh'] as const)
    assert.equal(planned(verb), ['mysql', 'app', 'page', 'cache'])
  assert.equal(planned('stop'), ['page', 'app', 'cache', 'mysql'])
})

test('a recipe stands for all of its services, an identifier for one', () => {
  const names = (word: string) => plan('stop', [word]).actions[0]?.services?.map(({ name }) => name)
  assert.equal(names('web'), ['front', 'back'])
  assert.equal(names('svc:/application/build-stack/back:default'), ['back'])
})

test('the recipe’s time-outs and readiness hold only where what is installed was made from it', () => {
  const of = (hash: string) => plan('start', ['front'], { hash }).actions[0]?.services?.[0]
  assert.equal(of('as built'), {
    ...{ name: 'front', prefix: '/opt/local', startTimeout: 7, stopTimeout: 8 },
    ready: { port: 80, address: '::1' },
  })
  assert.equal(of('edited since'), {
    ...{ name: 'front', prefix: '/opt/local', startTimeout: 60, stopTimeout: 60, ready: undefined },
  })
})

test('what is not there is named with what is near', () => {
  assert.throws(() => plan('start', ['fromt']), /box has no service "fromt"; did you mean "front"\?/)
  assert.throws(() => plan('start', ['plain']), /box has no service "plain"; it has: front, back/)
  // Its services are another supervisor's now.
  assert.throws(() => plan('start', ['front'], { supervisor: daemontools }), /box has no service "front"/)
  assert.throws(() => plan('start', ['front'], { supervisor: 'none' }), /box has no service "front"/)
})

for (const [verb, possible] of [
  ['start', ['online', 'degraded', 'offline', 'maintenance', 'disabled', 'uninitialized']],
  ['stop', ['online', 'degraded', 'offline', 'maintenance', 'disabled', 'uninitialized']],
  ['restart', ['online', 'degraded', 'maintenance', 'offline']],
  ['refresh', ['online', 'degraded']],
] as const) {
  test(`${verb} is possible in the states where it does something`, () => {
    for (const state of ['online', 'degraded', 'offline', 'maintenance', 'disabled', 'uninitialized']) {
      const attempt = () => plan(verb, ['front'], { states: { ...UP, front: state } })
      if ((possible as readonly string[]).includes(state)) attempt()
      else assert.throws(attempt, new RegExp(`front is ${state} and cannot be ${verb}`))
    }
  })
}

test.run()
