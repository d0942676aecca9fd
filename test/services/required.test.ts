import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { requiredNames, requiredRecipes } from '../../runner/services/required.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

const test = suite('services/required')

test('services of recipes, however they are written; no milestones and nobody else’s', () => {
  const requires = [
    ...['network', 'filesystem', 'db/mysql', 'svc:/system/cron:default'],
    ...['svc:/application/build-stack/memcached:default', 'svc:/application/build-stack/web'],
  ]
  assert.equal(requiredNames({ requires }), ['mysql', 'memcached', 'web'])
})

test('the recipes that have them, as receipts say', () => {
  const db = receipt('db', { services: [{ fmri: 'svc:/db', manifest: '' }] })
  const both = receipt('both', { services: [{ fmri: 'svc:/db', manifest: '' }] })
  const web = receipt('web', {
    services: [
      { fmri: 'svc:/own', manifest: '' },
      { fmri: 'svc:/web', manifest: '', requires: ['svc:/db', 'svc:/own', 'svc:/gone'] },
    ],
  })
  const all = { web, db, both }
  assert.equal(requiredRecipes(web, all), ['db', 'both'])
  assert.equal(requiredRecipes(db, all), [])
})

test.run()
