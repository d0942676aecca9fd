/** A connection that is opened again; with real connections, it is tested in test/e2e/connection.test.ts. */
import { Readable } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import { BuildStackError } from '../../runner/errors.ts'
import { HostLine } from '../../runner/run/hostLine.ts'
import type { Transport } from '../../runner/transports/transport.ts'
import { rejects } from '../rejects.ts'

const host = { name: 'box' } as Host
const transport = (): Transport => ({
  exec: () => Promise.reject(new Error('not in this test')),
  close: () => Promise.resolve(),
})
const refused = () => new BuildStackError('CONNECT', 'box: connection refused', { next: 'look at its sshd' })
const coded = (code: string) => (error: Error) => error instanceof BuildStackError && error.code === code

const line = suite('a line to a host')

line('is opened again as soon as that works', async () => {
  let attempts = 0
  const next = transport()
  const connect = () => (++attempts < 3 ? Promise.reject(refused()) : Promise.resolve(next))
  const own = new HostLine(host, transport(), connect, new AbortController().signal, [0, 0, 0, 0])
  await own.reconnect(own.transport())
  assert.is(attempts, 3)
  assert.is(own.transport(), next)
})

line('that stays down says why, that the work goes on, and how to follow it', async () => {
  let attempts = 0
  const connect = () => {
    attempts += 1
    return Promise.reject(refused())
  }
  const own = new HostLine(host, transport(), connect, new AbortController().signal, [0, 0])
  const error = (await rejects(own.reconnect(own.transport()), coded('DISCONNECTED'))) as BuildStackError
  assert.is(attempts, 2)
  assert.match(error.message, /could not be opened again: box: connection refused/)
  assert.match(error.context.next ?? '', /run again to follow what runs there: it goes on/)
})

line('is not tried any more once the run is stopped, however long the wait', async () => {
  const stop = new AbortController()
  let attempts = 0
  const connect = () => {
    attempts += 1
    return Promise.resolve(transport())
  }
  const own = new HostLine(host, transport(), connect, stop.signal, [600, 600])
  setTimeout(() => stop.abort(new BuildStackError('INTERRUPTED', 'stopped')), 10)
  const started = Date.now()
  await rejects(own.reconnect(own.transport()), coded('INTERRUPTED'))
  assert.is(attempts, 0)
  assert.ok(Date.now() - started < 5000)
  await rejects(own.reconnect(own.transport()), coded('INTERRUPTED'))
})

line('whose attempt ends in a bug shows the bug', async () => {
  const own = new HostLine(
    host,
    transport(),
    () => Promise.reject(new TypeError('bug')),
    new AbortController().signal,
    [0],
  )
  await rejects(own.reconnect(own.transport()), (error) => error instanceof TypeError)
})

line('that several lost is opened once, and not taken from one who has it anew', async () => {
  const opened: Transport[] = []
  const closed: Transport[] = []
  const counted = () => {
    const one: Transport = { ...transport(), close: async () => void closed.push(one) }
    return one
  }
  const connect = async () => {
    const one = counted()
    opened.push(one)
    return one
  }
  const first = counted()
  const own = new HostLine(host, first, connect, new AbortController().signal, [0])
  await Promise.all([own.reconnect(first), own.reconnect(first)])
  // One that was busy elsewhere when the line broke.
  await own.reconnect(first)
  assert.is(opened.length, 1)
  assert.is(own.transport(), opened[0])
  assert.equal(closed, [first])
  await own.reconnect(own.transport())
  assert.is(opened.length, 2)
})

line(
  'gives commands that only read again over the new line, three times in all, and others not',
  async () => {
    const given: string[] = []
    const broken = (): Transport => ({
      ...transport(),
      exec: (command) => {
        given.push(command)
        return Promise.reject(new BuildStackError('DISCONNECTED', 'cut'))
      },
    })
    const own = new HostLine(host, broken(), async () => broken(), new AbortController().signal, [0])
    await rejects(own.reading().exec('cat file'), coded('DISCONNECTED'))
    assert.equal(given.splice(0), ['cat file', 'cat file', 'cat file'])
    await rejects(own.reading().exec('cat', { onStdout: () => {} }), coded('DISCONNECTED'))
    await rejects(own.reading().exec('tar', { stdin: Readable.from(['x']) }), coded('DISCONNECTED'))
    assert.equal(given, ['cat', 'tar'])
  },
)

line('gives an answer that is asked for again over the new line, and its other errors at once', async () => {
  const next = transport()
  const own = new HostLine(host, transport(), async () => next, new AbortController().signal, [0])
  const asked: Transport[] = []
  const answer = await own.answer(async (over) => {
    asked.push(over)
    if (asked.length === 1) throw new BuildStackError('DISCONNECTED', 'cut')
    return 'yes'
  })
  assert.is(answer, 'yes')
  assert.is(asked[1], next)
  const failing = () => Promise.reject(new BuildStackError('HOST', 'no'))
  await rejects(own.answer(failing), coded('HOST'))
  const broken = () => Promise.reject(new BuildStackError('DISCONNECTED', 'cut'))
  await rejects(own.answer(broken, 2), coded('DISCONNECTED'))
})

line.run()
