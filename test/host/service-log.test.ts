import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'
import { logLine, ServiceLogReader } from '../../runner/services/logReader.ts'
import { shells } from './shells.ts'

const test = suite('host/service-log.sh and its reader')

test('takes a time off the front of a line, as multilog writes it', () => {
  // As tai64nlocal has it where the clock counts no leap seconds.
  assert.equal(logLine('@4000000037c219bf2ef02e94 fatal: out of memory'), {
    at: new Date('1999-08-24T04:04:05.787Z'),
    text: 'fatal: out of memory',
  })
  for (const text of ['[ Nov 24 06:41:00 Enabled. ]', '', '@4000 x', '@zz00000037c219bf2ef02e94 x'])
    assert.equal(logLine(text), { at: undefined, text })
})

test('says that there is none', () => {
  assert.throws(() => new ServiceLogReader('/x', 1).receive(Buffer.from('none\n')), /there is no log \/x/)
  assert.throws(() => new ServiceLogReader('/x', 1).receive(Buffer.from('')), /there is no log/)
})

for (const shell of shells) {
  const poll = (reader: ServiceLogReader): string[] => {
    const script = [...reader.assignments(), `. '${hostScript('service-log.sh')}'`].join('\n')
    const { stdout, stderr } = spawnSync(shell.path, ['-s'], { input: script })
    assert.is(stderr.toString(), '')
    const { lines, again } = reader.receive(stdout)
    return [...lines.map(({ text }) => text), ...(again ? poll(reader) : [])]
  }
  const inFolder = (body: (folder: string, log: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), 'build-stack-log-'))
    try {
      body(folder, join(folder, 'current'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test(`begins with the last lines, and goes on with what comes (${shell.name})`, () =>
    inFolder((_folder, log) => {
      writeFileSync(log, 'one\ntwo\nthree\n')
      const reader = new ServiceLogReader(log, 2)
      assert.equal(poll(reader), ['two', 'three'])
      assert.equal(poll(reader), [])
      appendFileSync(log, 'four\nfi')
      assert.equal(poll(reader), ['four'])
      appendFileSync(log, 've\n')
      assert.equal(poll(reader), ['five'])
      truncateSync(log)
      assert.equal(poll(reader), [])
      appendFileSync(log, 'six\n')
      assert.equal(poll(reader), ['six'])
    }))

  test(`loses no line to a rotation (${shell.name})`, () =>
    inFolder((folder, log) => {
      writeFileSync(log, 'one\n')
      const reader = new ServiceLogReader(log, 10)
      assert.equal(poll(reader), ['one'])
      appendFileSync(log, 'two\n')
      renameSync(log, join(folder, '@400000003.s'))
      writeFileSync(log, 'three\n')
      assert.equal(poll(reader), ['two', 'three'])
      appendFileSync(log, 'four\n')
      assert.equal(poll(reader), ['four'])
    }))

  test(`what it is called does not matter (${shell.name})`, () =>
    inFolder((folder) => {
      const log = join(folder, `it's a $(log)`)
      writeFileSync(log, 'one\n')
      assert.equal(poll(new ServiceLogReader(log, 10)), ['one'])
      rmSync(log)
      assert.throws(() => poll(new ServiceLogReader(log, 10)), /there is no log/)
    }))
}

test('lines are the same however they come', () => {
  const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '))
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(200), { maxLength: 8 }), (lines, cuts) => {
      const whole = Buffer.from(lines.map((one) => `${one}\n`).join(''))
      const ends = [...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].sort((a, b) => a - b)
      const reader = new ServiceLogReader('/log', 10)
      let from = 0
      const seen = ends.flatMap((to) => {
        const answer = Buffer.concat([Buffer.from(`log 7 ${from}\n`), whole.subarray(from, to)])
        from = to
        return reader.receive(answer).lines.map(({ text }) => text)
      })
      assert.equal(
        seen,
        lines.map((one) => logLine(one).text),
      )
    }),
  )
})

test.run()
