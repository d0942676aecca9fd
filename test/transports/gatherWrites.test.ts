import { Duplex } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gatherWrites } from '../../runner/transports/gatherWrites.ts'

const test = suite('gatherWrites')

/** A stream, and the pieces that each system call would get. */
function recorded(): { stream: Duplex; calls: string[][] } {
  const calls: string[][] = []
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      calls.push([chunk.toString()])
      done()
    },
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => (chunk as Buffer).toString()))
      done()
    },
  })
  return { stream, calls }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('the writes of one turn are one write, in their order, and do not wait for the next turn', async () => {
  const { stream, calls } = recorded()
  gatherWrites(stream)
  for (const piece of ['length', 'content', 'tag']) stream.write(piece)
  await turn()
  assert.equal(calls, [['length', 'content', 'tag']])
  stream.write('next')
  await turn()
  assert.equal(calls, [['length', 'content', 'tag'], ['next']])
})

test('what is written just before the end is sent, and writing tells when it was', async () => {
  const { stream, calls } = recorded()
  gatherWrites(stream)
  let written = false
  stream.write('goodbye', () => {
    written = true
  })
  stream.end()
  await turn()
  assert.equal(calls, [['goodbye']])
  assert.ok(written)
})

test('a stream that is destroyed in between stays destroyed', async () => {
  const { stream, calls } = recorded()
  stream.on('error', () => {})
  gatherWrites(stream)
  stream.write('lost')
  stream.destroy()
  stream.write('lost too')
  await turn()
  assert.ok(stream.destroyed)
  assert.equal(calls, [])
})

test.run()
