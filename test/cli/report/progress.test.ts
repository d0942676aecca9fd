import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bar, rate, stepShare, transferShare } from '../../../runner/cli/report/progress.ts'

const unknown = { seconds: undefined, logBytes: undefined }

const step = suite('stepShare')
for (const [name, now, before, share] of [
  ['nothing known', { seconds: 5, logBytes: 900 }, unknown, undefined],
  ['by the clock', { seconds: 5, logBytes: 900 }, { seconds: 20, logBytes: undefined }, 0.25],
  [
    'by the log when it is long enough',
    { seconds: 5, logBytes: 5000 },
    { seconds: 6, logBytes: 10_000 },
    0.5,
  ],
  ['a short log says little', { seconds: 5, logBytes: 400 }, { seconds: 10, logBytes: 500 }, 0.5],
  ['never finished before its end', { seconds: 99, logBytes: 0 }, { seconds: 10, logBytes: 0 }, 0.99],
  ['nor by its log', { seconds: 9, logBytes: 99_999 }, { seconds: 10, logBytes: 5000 }, 0.99],
  [
    'a step of no time has no progress',
    { seconds: 0.1, logBytes: 0 },
    { seconds: 0.2, logBytes: 10 },
    undefined,
  ],
] as const) {
  step(name, () => assert.is(stepShare(now, before), share))
}
step.run()

const transfer = suite('transferShare')
for (const [done, total, share] of [
  [10, undefined, undefined],
  [0, 0, undefined],
  [50, 200, 0.25],
  [1999, 2000, 0.99],
  [2000, 2000, 1],
] as const) {
  transfer(`${done} of ${total} -> ${share}`, () => assert.is(transferShare(done, total), share))
}
transfer.run()

const shown = suite('bar and rate')
shown('bar', () => {
  assert.is(bar(0), '░░░░░░░░ 0%')
  assert.is(bar(0.41), '███░░░░░ 41%')
  assert.is(bar(0.99), '███████░ 99%')
  assert.is(bar(1), '████████ 100%')
})
shown('rate, once there is something to measure', () => {
  assert.is(rate(4_600_000, 2), '2.3 MB/s')
  assert.is(rate(4_600_000, 0.1), '')
  assert.is(rate(0, 10), '')
})
shown.run()
