import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { beyondLimit, parseSize } from '../../runner/cleanup/spaceLimit.ts'

const test = suite('cleanup/spaceLimit')

for (const [text, bytes] of [
  ['500', 500],
  ['500M', 500e6],
  ['1.5G', 1.5e9],
  ['2TB', 2e12],
  ['5 G', undefined],
  ['much', undefined],
  ['-1G', undefined],
] as const) {
  test(`${text} is ${bytes} bytes`, () => assert.is(parseSize(text), bytes))
}

const stored = fc.record({ bytes: fc.nat(100), usedAt: fc.date({ noInvalidDate: true }) })

test('what stays fits, what goes was used before what stays, and no more goes than has to', () => {
  fc.assert(
    fc.property(fc.array(stored), fc.nat(1000), (all, limit) => {
      const gone = beyondLimit(all, limit)
      const stays = all.filter((one) => !gone.includes(one))
      const sum = (list: typeof all) => list.reduce((total, { bytes }) => total + bytes, 0)
      assert.ok(sum(stays) <= limit)
      for (const one of gone) for (const other of stays) assert.ok(one.usedAt <= other.usedAt)
      const last = gone.at(-1)
      if (last) assert.ok(sum(stays) + last.bytes > limit)
    }),
  )
})

test.run()
