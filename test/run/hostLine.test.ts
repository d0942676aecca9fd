/** A connection that is opened again; with real connections, it is tested in test/e2e/connection.test.ts. */
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
  await own.reconnect()
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
  const error = (await rejects(own.reconnect(), coded('DISCONNECTED'))) as BuildStackError
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
  await rejects(own.reconnect(), coded('INTERRUPTED'))
  assert.is(attempts, 0)
  assert.ok(Date.now() - started < 5000)
  await rejects(own.reconnect(), coded('INTERRUPTED'))
})

line('whose attempt ends in a bug shows the bug', async () => {
  const own = new HostLine(
    host,
    transport(),
    () => Promise.reject(new TypeError('bug')),
    new AbortController().signal,
    [0],
  )
  await rejects(own.reconnect(), (error) => error instanceof TypeError)
})

line.run()
