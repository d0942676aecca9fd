import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import { planRemoval } from '../../runner/plan/removal.ts'
import type { Receipt } from '../../runner/receipts/receipt.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { sampleFacts } from './planned.ts'

const test = suite('plan/removal')
const host = { name: 'server1', prefix: '/opt/local' } as Host

const serving = (name: string, requires: string[] = [], more: Partial<Receipt> = {}) =>
  receipt(name, {
    services: [{ fmri: `svc:/${name}`, manifest: '', requires: requires.map((one) => `svc:/${one}`) }],
    ...more,
  })

function planned(receipts: Receipt[], recipes: string[], dependents = false): string[] {
  const facts = sampleFacts({ receipts: Object.fromEntries(receipts.map((one) => [one.recipe, one])) })
  return planRemoval(host, facts, { recipes, dependents }, () => []).actions.map(
    ({ recipe, reasons }) => `${recipe}: ${reasons.join('; ')}`,
  )
}

test('what needs it goes first, and only where that is wanted', () => {
  const all = [receipt('lib'), receipt('tool', { dependencies: { lib: '1.0' } })]
  assert.throws(() => planned(all, ['lib']), /lib cannot go: tool needs it/)
  assert.equal(planned(all, ['lib'], true), ['tool: needs what goes', 'lib: asked for'])
})

test('a service goes before the one that it requires, in whatever order they are named', () => {
  const all = [serving('db'), serving('web', ['cache', 'db']), serving('cache', ['db'])]
  for (const names of [
    ['db', 'cache', 'web'],
    ['web', 'db', 'cache'],
  ])
    assert.equal(
      planned(all, names).map((line) => line.replace(/:.*/, '')),
      ['web', 'cache', 'db'],
    )
})

test('a service that stays keeps nothing from going', () => {
  assert.equal(planned([serving('db'), serving('web', ['db'])], ['db']), ['db: asked for'])
})

test('what is linked to it goes first, though its service requires that one', () => {
  const all = [serving('db', ['web']), serving('web', [], { dependencies: { db: '1.0' } })]
  assert.equal(planned(all, ['db', 'web']), ['web: asked for', 'db: asked for'])
})

test.run()
