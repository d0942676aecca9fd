import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type DriftFacts, driftOf, type Known } from '../../runner/plan/drift.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { sampleAction, samplePlan } from './sampleAction.ts'

const X = 'svc:/application/build-stack/x:default'
const idle = samplePlan('a', sampleAction('x 1', 'keep'))
const busy = samplePlan('a', sampleAction('x 2', 'upgrade', { installed: '1' }))
const none: Known = { ownJobs: [], leftDisabled: new Set<string>() }

function facts(changes: Partial<DriftFacts> = {}): DriftFacts {
  return {
    receipts: { x: receipt('x', { services: [{ fmri: X, manifest: '/m' }] }) },
    damagedReceipts: {},
    damage: [],
    services: [{ fmri: X, state: 'online', nextState: '-', since: '8:00' }],
    journals: [],
    jobs: [],
    lock: undefined,
    supervisor: 'smf',
    ...changes,
  }
}
const state = (word: string) => facts({ services: [{ fmri: X, state: word, nextState: '-', since: '8:00' }] })
const messages = (given: DriftFacts, known = none, plan = idle) =>
  driftOf(plan, given, known).map(({ message }) => message)

const test = suite('drift')

test('a host as it was left has none', () => assert.equal(messages(facts()), []))

test('services that do not run', () => {
  assert.equal(messages(facts({ services: [] })), [`${X} was deleted`])
  assert.equal(messages(state('maintenance')), [`${X} is maintenance`])
  assert.equal(messages(state('disabled')), [`${X} was disabled by hand, and stays so`])
  assert.equal(messages(state('disabled'), { ...none, leftDisabled: new Set([X]) }), [])
  assert.equal(messages(facts({ supervisor: undefined })), [`${X} has no supervisor any more`])
})

test('of a supervisor that does not answer nothing more is said of services', () => {
  const silent = facts({ services: [], servicesUnknown: 'svcs: no' })
  assert.equal(messages(silent), ['SMF does not answer, so what services do is not known: svcs: no'])
  assert.equal(messages({ ...silent, receipts: {} }), [])
})

test('files of recipes that the plan has nothing to do with', () => {
  const damageOf = (component: string) => [
    { component, what: 'missing' as const, path: 'svc/manifest/y.xml' },
  ]
  const receipts = { x: receipt('x'), y: receipt('y') }
  assert.equal(messages(facts({ receipts, damage: damageOf('y.services') })), [
    'y: 1 recorded file is missing: svc/manifest/y.xml',
  ])
  assert.equal(messages(facts({ receipts, damage: damageOf('x.services') })), [])
})

test('receipts, switches and jobs', () => {
  assert.equal(messages(facts({ damagedReceipts: { y: 'not valid JSON' } })), [
    'the receipt of y is damaged: not valid JSON',
  ])
  const cut = facts({ journals: ['x.services'] })
  assert.equal(messages(cut), [
    'the switch of x.services was interrupted: the next run that does something finishes or undoes it first',
  ])
  assert.equal(messages(cut, none, busy), [
    'the switch of x.services was interrupted: a run finishes or undoes it first',
  ])
  const running = facts({
    jobs: [
      { id: 'y-1.0-ab.cd', state: 'running' },
      { id: 'z-1.0-ab.cd', state: 'ended' },
    ],
    lock: 'pid 7 job y-1.0-ab.cd by ann@laptop since 2026-11-24T08:00:00Z',
  })
  assert.equal(messages(running), ['job y-1.0-ab.cd of ann@laptop runs there'])
  assert.equal(messages(running, { ...none, ownJobs: ['y-1.0-ab.cd'] }), [])
})
test.run()
