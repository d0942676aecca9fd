import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jobserverOption } from '../../runner/build/makeJobserver.ts'

const test = suite('build/makeJobserver')

for (const [version, option] of [
  ['GNU Make version 3.79.1, by Richard Stallman and Roland McGrath.', undefined],
  ['GNU Make 3.81', '--jobserver-fds=7,7'],
  ['GNU Make 4.1', '--jobserver-fds=7,7'],
  ['GNU Make 4.2.1', '--jobserver-auth=7,7'],
  ['GNU Make 4.10', '--jobserver-auth=7,7'],
  ['GNU Make 5.0', '--jobserver-auth=7,7'],
  ['dmake: Sun Distributed Make 7.8', undefined],
  [undefined, undefined],
] as const) {
  test(`${version}: ${option}`, () => assert.is(jobserverOption(version), option))
}

test.run()
