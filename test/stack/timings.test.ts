import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { StackEvent } from './program.ts'
import { Timings } from './timings.ts'

const test = suite('stack/timings')

test('a line for each build, which a later run that keeps it does not touch', () => {
  const timings = new Timings()
  const at = { host: 'box', recipe: 'tiny', version: '1.0' }
  const step = (title: string, seconds: number): StackEvent => ({
    type: 'step-end',
    ...at,
    step: { title },
    seconds,
  })
  const start = { type: 'recipe-start', ...at }
  const events: StackEvent[] = [
    start,
    step('configure', 1.25),
    step('build', 60),
    { type: 'recipe-end', ...at, result: 'done', seconds: 70 },
    { type: 'recipe-end', ...at, result: 'kept', seconds: 0 },
    start,
    step('unpack package', 1),
    { type: 'recipe-end', ...at, result: 'done', seconds: 2 },
    start,
    { type: 'recipe-end', ...at, result: 'failed', seconds: 0.5 },
  ]
  for (const event of events) timings.see(event)
  assert.equal(timings.table(), [
    'host  recipe  version  from     configure  build  stage  install  whole (s)',
    'box   tiny    1.0      source   1.3        60.0   -      -        70.0',
    'box   tiny    1.0      package  -          -      -      -        2.0',
    'box   tiny    1.0      failed   -          -      -      -        0.5',
  ])
})

test.run()
