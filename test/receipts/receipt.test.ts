import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseReceipt } from '../../runner/receipts/receipt.ts'
import { receipt } from './sampleReceipt.ts'

const test = suite('receipts/receipt')

test('what is written can be read', () => {
  const whole = receipt('tool', {
    dependencies: { libevent: '2.1' },
    services: [{ fmri: 'svc:/x:default', manifest: '/x.xml' }],
  })
  assert.equal(parseReceipt(JSON.stringify(whole)), whole)
})

test('each part that is missing or of another kind is named, and nothing throws', () => {
  const whole: Record<string, unknown> = { ...receipt('tool') }
  for (const key of [
    'format',
    'recipe',
    'version',
    'prefix',
    'fingerprint',
    'inputs',
    'services',
    'dependencies',
    'installedAt',
    'platform',
  ]) {
    for (const value of [undefined, 1, null, {}]) {
      if (key === 'format' && value === 1) continue
      if (key === 'dependencies' && typeof value === 'object' && value) continue
      const result = parseReceipt(JSON.stringify({ ...whole, [key]: value }))
      assert.ok('reason' in result, `${key}: ${JSON.stringify(value)}`)
    }
  }
})

test('any text gives a receipt or a reason', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const result = parseReceipt(text)
      assert.ok('reason' in result && result.reason.length > 0)
    }),
  )
})

test.run()
