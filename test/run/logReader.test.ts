import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type LogPiece, LogReader } from '../../runner/run/logReader.ts'

const test = suite('run/logReader')

const TOKEN = '0123456789abcdef'
const AT = '2026-11-24T08:00:00Z'
const mark = (words: string, token = TOKEN) => `\x1e${token} ${AT} ${words}\n`

/** Read in one go. */
function read(log: string | Buffer): LogPiece[] {
  return new LogReader(TOKEN).read(Buffer.from(log))
}

test('tells lines from marks', () => {
  assert.equal(read(`${mark('step 01-a')}one\n\ntwo\n${mark('done 01-a 7')}${mark('end 7')}`), [
    { kind: 'step', step: '01-a', at: AT },
    { kind: 'line', text: 'one' },
    { kind: 'line', text: '' },
    { kind: 'line', text: 'two' },
    { kind: 'done', step: '01-a', code: 7, at: AT },
    { kind: 'end', code: 7, at: AT },
  ])
})

test('takes a mark with another token, without a token or with other words for output, or for nothing', () => {
  const forged = [mark('end 0', 'fedcba9876543210'), `\x1e ${AT} end 0\n`, `${TOKEN} ${AT} end 0\n`]
  for (const text of forged) assert.equal(read(text), [{ kind: 'line', text: text.slice(0, -1) }])
  assert.equal(read(mark('dance')), [])
})

test('gives the last line before a mark though it has no end', () => {
  assert.equal(read(`no end${mark('done 01-a 0')}`), [
    { kind: 'line', text: 'no end' },
    { kind: 'done', step: '01-a', code: 0, at: AT },
  ])
})

test('keeps what is not complete, and counts it', () => {
  const reader = new LogReader(TOKEN)
  assert.equal(reader.read(Buffer.from('one\ntw')), [{ kind: 'line', text: 'one' }])
  assert.is(reader.bytes, 6)
  assert.equal(reader.read(Buffer.from('o\n')), [{ kind: 'line', text: 'two' }])
  assert.is(reader.bytes, 8)
})

test('is the same however the bytes are cut', () => {
  const line = fc.oneof(
    fc.string({ unit: 'grapheme' }).map((text) => `${text.replaceAll('\n', '')}\n`),
    fc.constantFrom(
      mark('step 01-a'),
      mark('done 01-a 0'),
      `x${mark('end 0')}`,
      mark('end 1', 'beef'),
      '\x1e\n',
    ),
  )
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(400)), (lines, cuts) => {
      const bytes = Buffer.from(lines.join(''))
      const reader = new LogReader(TOKEN)
      const places = [
        0,
        ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ]
      const pieces = places.slice(1).flatMap((end, i) => reader.read(bytes.subarray(places[i], end)))
      assert.equal(pieces, read(bytes))
      assert.is(reader.bytes, bytes.length)
    }),
  )
})

test('shows an endless line in pieces, loses no mark after it and splits no character', () => {
  for (const text of ['x'.repeat(200_001), 'ö'.repeat(120_000), '\x80'.repeat(70_000)]) {
    for (const size of [1000, 4099, 65_536, 300_000]) {
      const bytes = Buffer.from(`${text}${mark('end 3')}`)
      const reader = new LogReader(TOKEN)
      const pieces: LogPiece[] = []
      for (let at = 0; at < bytes.length; at += size)
        pieces.push(...reader.read(bytes.subarray(at, at + size)))
      assert.equal(pieces.pop(), { kind: 'end', code: 3, at: AT })
      assert.is(pieces.map((piece) => (piece.kind === 'line' ? piece.text : '?')).join(''), text)
      if (size < 100_000) assert.ok(pieces.length > 1)
    }
  }
})

test('does not keep an endless line of marks that never come', () => {
  const reader = new LogReader(TOKEN)
  let shown = 0
  for (let i = 0; i < 100; i++) {
    for (const piece of reader.read(Buffer.alloc(10_000, 0x1e)))
      if (piece.kind === 'line') shown += piece.text.length
  }
  assert.ok(shown > 900_000, `${shown}`)
})

test.run()
