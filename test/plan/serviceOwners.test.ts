import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { BuildService } from '../../runner/desired/build.ts'
import { requireFreeNames, strangers } from '../../runner/plan/serviceOwners.ts'
import { smf } from '../../runner/services/smf.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

const test = suite('owners of services')

const fmri = (name: string) => smf.identifier({ name })
const bringing = (recipe: string, ...names: string[]) => ({
  recipe,
  version: '1',
  services: names.map((name) => ({ name }) as BuildService),
})
const having = (recipe: string, ...names: string[]) => ({
  [recipe]: receipt(recipe, { services: names.map((name) => ({ fmri: fmri(name), manifest: '/m' })) }),
})
const clash = (builds: ReturnType<typeof bringing>[], receipts = {}) => {
  try {
    requireFreeNames(builds, { receipts }, smf, 'box')
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

test('a recipe cannot have the service of one which is installed and not wanted', () => {
  assert.is(clash([bringing('b', 'web')], having('b', 'web')), undefined)
  assert.is(clash([bringing('b', 'web'), bringing('a')], having('a', 'web')), undefined)
  assert.is(
    clash([bringing('b', 'web')], having('a', 'web')),
    `${fmri('web')} is that of a, which is installed`,
  )
})

test('a service that is there and of no receipt is a stranger, unless a damaged receipt may have had it', () => {
  const there = { receipts: {}, damagedReceipts: {}, services: [state('web')] }
  assert.equal(strangers([bringing('a', 'web', 'new')], there, smf), [{ recipe: 'a', fmri: fmri('web') }])
  assert.equal(strangers([bringing('a', 'web')], { ...there, receipts: having('a', 'web') }, smf), [])
  assert.equal(strangers([bringing('a', 'web')], { ...there, damagedReceipts: { a: 'cut' } }, smf), [])
})

function state(name: string) {
  return { fmri: fmri(name), state: 'online', nextState: '-', since: '8:00' }
}

test.run()
