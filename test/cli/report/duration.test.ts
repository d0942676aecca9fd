import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { age, bytes, duration } from '../../../runner/cli/report/duration.ts'

const durations = suite('duration')
for (const [seconds, text] of [
  [0, '0.0 s'],
  [0.41, '0.4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [12.3, '12 s'],
  [59.4, '59 s'],
  [59.6, '1 min 00 s'],
  [185, '3 min 05 s'],
  [3599.4, '59 min 59 s'],
  [3599.6, '1 h 00 min'],
  [3720, '1 h 02 min'],
  [7199, '2 h 00 min'],
  [360_000, '100 h 00 min'],
  [-1, '0.0 s'],
] as const) {
  durations(`${seconds} -> ${text}`, () => assert.is(duration(seconds), text))
}
durations.run()

const ages = suite('age')
for (const [seconds, text] of [
  [0, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3600, '1 h'],
  [86_399, '23 h'],
  [3 * 86_400, '3 d'],
  [-5, '0 s'],
] as const) {
  ages(`${seconds} -> ${text}`, () => assert.is(age(seconds), text))
}
ages.run()

const sizes = suite('bytes')
for (const [count, text] of [
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1_100_000, '1.1 MB'],
  [9_960_000, '10 MB'],
  [110_000_000, '110 MB'],
  [999_900, '1.0 MB'],
  [1_234_000_000, '1.2 GB'],
] as const) {
  sizes(`${count} -> ${text}`, () => assert.is(bytes(count), text))
}
sizes.run()
