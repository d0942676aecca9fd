/** What is done side by side: no more of it than there is room for, and none after a failure. */
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inLanes } from '../../runner/sync/inParallel.ts'
import { Room } from '../../runner/sync/room.ts'
import { rejects } from '../rejects.ts'

const test = suite('side by side')

test('there is never more than the room; all get in, in the order in which they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(150), { maxLength: 30 }), async (sizes) => {
      const room = new Room(100)
      const entered: number[] = []
      let used = 0
      await Promise.all(
        sizes.map((size, index) =>
          room.with(size, async () => {
            entered.push(index)
            used += Math.min(size, 100)
            assert.ok(used <= 100)
            for (let i = index % 3; i >= 0; i--) await turn()
            used -= Math.min(size, 100)
          }),
        ),
      )
      assert.equal(
        entered,
        sizes.map((_, index) => index),
      )
    }),
  )
})

test('what fails leaves its room', async () => {
  const room = new Room(1)
  await rejects(
    room.with(1, async () => {
      throw new Error('no')
    }),
    /no/,
  )
  assert.is(await room.with(1, async () => 'in'), 'in')
})

test('lanes keep their limits; a failure in one stops the other', async () => {
  const running = { a: 0, b: 0 }
  const most = { a: 0, b: 0 }
  const work = async (name: 'a' | 'b') => {
    running[name] += 1
    most[name] = Math.max(most[name], running[name])
    await turn()
    running[name] -= 1
  }
  const items = (name: 'a' | 'b') => Array.from({ length: 9 }, () => name)
  await inLanes(
    [
      { items: items('a'), limit: 2 },
      { items: items('b'), limit: 4 },
    ],
    work,
  )
  assert.equal(most, { a: 2, b: 4 })
  let done = 0
  await rejects(
    inLanes(
      [
        { items: [-1], limit: 1 },
        { items: [1, 2, 3, 4], limit: 1 },
      ],
      async (item) => {
        if (item < 0) throw new Error('stop')
        done += 1
        await turn()
      },
    ),
    /stop/,
  )
  assert.is(done, 1)
})

test.run()
