import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { changedSecrets, marksOf, secretMark } from '../../runner/desired/secretMarks.ts'

const test = suite('desired/secretMarks')
const [key, other] = ['a', 'b'].map((letter) => Buffer.alloc(32, letter)) as [Buffer, Buffer]

test('another value has another mark, and no mark has the value in it', () => {
  const mark = secretMark(key, 'word', 'xyzzy')
  assert.is(mark, secretMark(key, 'word', 'xyzzy'))
  assert.not.match(mark, /xyzzy/)
  assert.equal(changedSecrets({ word: mark }, { word: secretMark(key, 'word', 'xyzzz') }), ['word'])
  assert.equal(changedSecrets({ word: mark }, { word: mark }), [])
})

test('the same value under another name, or with another key, cannot be told from others', () => {
  const mark = secretMark(key, 'word', 'xyzzy')
  assert.not.equal(mark.split(':')[1], secretMark(key, 'other', 'xyzzy').split(':')[1])
  assert.not.equal(mark.split(':')[1], secretMark(other, 'word', 'xyzzy').split(':')[1])
})

test('what was marked with another key, or not at all, has not changed', () => {
  const now = { word: secretMark(key, 'word', 'xyzzy') }
  assert.equal(changedSecrets({ word: secretMark(other, 'word', 'something else') }, now), [])
  assert.equal(changedSecrets({}, now), [])
  assert.equal(changedSecrets(undefined, now), [])
})

test('the old mark stays where the value is not there to be read', () => {
  assert.equal(marksOf(['a', 'b', 'c'], { a: 'k:1' }, { a: 'k:0', b: 'k:2', d: 'k:3' }), {
    a: 'k:1',
    b: 'k:2',
  })
})

test.run()
