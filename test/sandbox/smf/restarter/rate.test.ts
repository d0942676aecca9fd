import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Groups } from '../../../../runner/sandbox/smf/repository.ts'
import { RestartRate } from '../../../../runner/sandbox/smf/restarter/rate.ts'

function limits(type: 'integer' | 'count', values: Record<string, string>): Groups {
  const properties = Object.entries(values).map(([name, value]) => [
    `critical_failure_${name}`,
    { type, values: [value] },
  ])
  return { startd: { type: 'framework', properties: Object.fromEntries(properties) } }
}

/** So many starts, one right after the other. */
function starts(count: number): RestartRate {
  const rate = new RestartRate()
  for (let i = 0; i < count; i++) rate.record()
  return rate
}

const rates = suite('restart rates')

rates('five starts at once are too fast, four are none', () => {
  assert.not.ok(starts(4).tooFast({}, 'contract'))
  for (const model of ['contract', 'transient', 'child'] as const)
    assert.ok(starts(5).tooFast({}, model), model)
})

rates('what an administrator did makes them forgotten', () => {
  const rate = starts(5)
  rate.reset()
  assert.not.ok(rate.tooFast({}, 'contract'))
})

rates('both limits, as integers, take the place of the usual ones', () => {
  assert.ok(starts(2).tooFast(limits('integer', { count: '2', period: '60' }), 'contract'))
  assert.not.ok(starts(5).tooFast(limits('integer', { count: '6', period: '60' }), 'contract'))
  assert.not.ok(starts(5).tooFast(limits('integer', { count: '5', period: '0' }), 'contract'))
})

rates('one alone, or of another type, changes nothing', () => {
  for (const groups of [
    limits('integer', { count: '2' }),
    limits('integer', { period: '0' }),
    limits('count', { count: '2', period: '60' }),
  ]) {
    assert.not.ok(starts(2).tooFast(groups, 'contract'))
    assert.ok(starts(5).tooFast(groups, 'contract'))
  }
})

rates.run()
