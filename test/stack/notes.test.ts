import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { resultOf } from './notes.ts'

const test = suite('stack/notes')

const ended = (code: number, error?: object, stderr = '') =>
  resultOf({ code, failure: error ? JSON.stringify(error) : '', stderr })

test('only a source that cannot be had is skipped, with the reason in one line', () => {
  assert.equal(ended(0), { result: 'built' })
  const error = {
    recipe: 'apache 2.2.6',
    message: 'httpd-2.2.6.tar.bz2 could not be had from anywhere:\n  a: 404',
  }
  const reason = 'apache 2.2.6: httpd-2.2.6.tar.bz2 could not be had from anywhere: a: 404'
  assert.equal(ended(66, error), { result: 'skipped', reason })
  assert.equal(ended(1, { recipe: 'x 1', message: 'build failed' }), {
    result: 'failed',
    reason: 'x 1: build failed',
  })
  assert.equal(ended(70, undefined, 'a bug\n'), { result: 'failed', reason: 'a bug' })
})

test.run()
