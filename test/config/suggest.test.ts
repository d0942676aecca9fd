import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closest, suggestion } from '../../runner/config/suggest.ts'

const test = suite('suggest')
const KEYS = ['configure', 'make', 'env', 'patches']
const WORDS: [word: string, near: string | undefined][] = [
  ['confgure', 'configure'],
  ['Configure', 'configure'],
  ['patchs', 'patches'],
  ['mak', 'make'],
  ['evn', undefined],
  ['en', 'env'],
  ['zebra', undefined],
  ['', undefined],
]
for (const [word, near] of WORDS) {
  test(`"${word}" is near ${near}`, () => assert.is(closest(word, KEYS), near))
}
test('a near word is suggested, else all are listed', () => {
  assert.is(suggestion('mke', KEYS, 'allowed'), '; did you mean "make"?')
  assert.is(suggestion('zebra', KEYS, 'allowed'), '; allowed: configure, make, env, patches')
  assert.is(suggestion('zebra', [], 'allowed'), '')
})
test.run()
