import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Connection } from 'ssh2'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import type { Transport } from '../../runner/transports/transport.ts'
import { rejects } from '../rejects.ts'
import {
  type ClientFolder,
  clientFolder,
  nobodyThere,
  socketOf,
  startServer,
  type TestServer,
} from './server.ts'

interface Context {
  server: TestServer
  client: ClientFolder
  transport: Transport
}

const exec = suite<Context>('exec over SSH')

exec.before.each(async (context) => {
  context.server = await startServer()
  context.client = clientFolder(context.server)
  context.transport = await connectSsh(context.client.target(), nobodyThere)
})

exec.after.each(async ({ server, client, transport }) => {
  await transport.close()
  await server.close()
  client.remove()
})

const isInterrupted = (e: Error) => e instanceof BuildStackError && e.code === 'INTERRUPTED'
const isDisconnected = (e: Error) => e instanceof BuildStackError && e.code === 'DISCONNECTED'

exec('gives exit status, standard output and standard error apart', async ({ transport }) => {
  const result = await transport.exec('echo out; echo err >&2; exit 3')
  assert.equal(
    { ...result, stdout: result.stdout.toString() },
    {
      code: 3,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
    },
  )
})

exec('names the signal that killed the command', async ({ transport }) => {
  const { code, signal } = await transport.exec('kill -9 $$')
  assert.equal({ code, signal }, { code: null, signal: 'SIGKILL' })
})

exec('gives an empty input when there is none', async ({ transport }) => {
  assert.is((await transport.exec('wc -c | tr -d " "')).stdout.toString(), '0\n')
})

exec('streams input with every byte value, as text, buffer or stream', async ({ transport }) => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  assert.ok((await transport.exec('cat', { stdin: bytes })).stdout.equals(bytes))
  assert.is((await transport.exec('cat', { stdin: 'é\n' })).stdout.toString(), 'é\n')
  assert.ok((await transport.exec('cat', { stdin: Readable.from([bytes, bytes]) })).stdout.length === 512)
})

exec('keeps a large input whole and does not read it all at once', async ({ transport }) => {
  const piece = randomBytes(65536)
  const hash = createHash('sha256')
  let produced = 0
  async function* pieces() {
    for (let i = 0; i < 320; i++) {
      hash.update(piece)
      produced += piece.length
      yield piece
    }
  }
  const stdin = Readable.from(pieces(), { objectMode: false })
  const running = transport.exec('sleep 0.5; sha256sum', { stdin })
  await new Promise((resolve) => setTimeout(resolve, 400))
  assert.ok(produced < 10e6, `${produced} bytes were read while the command took none`)
  const { code, stdout } = await running
  assert.is(code, 0)
  assert.is(stdout.toString().split(' ')[0], hash.digest('hex'))
})

exec('gives pieces as they arrive', async ({ transport }) => {
  const seen: string[] = []
  const result = await transport.exec('echo one; sleep 0.1; echo two', {
    onStdout: (piece) => seen.push(piece.toString()),
  })
  assert.equal(seen, ['one\n', 'two\n'])
  assert.is(result.stdout.length, 0)
})

exec('loses nothing of either output at the end', async ({ transport }) => {
  const fill = (bytes: number) => `dd if=/dev/zero bs=${bytes} count=1 2>/dev/null`
  for (const [out, err] of [
    [0, 300_000],
    [300_000, 0],
    [70_000, 2_500_000],
  ] as const) {
    const { stdout, stderr } = await transport.exec(
      `${fill(out || 1)} | head -c ${out}; ${fill(err || 1)} | head -c ${err} >&2`,
    )
    assert.equal([stdout.length, stderr.length], [out, err])
  }
})

exec('ends with the status of a command that does not read its input', async ({ transport }) => {
  const { code } = await transport.exec('exit 7', {
    stdin: Readable.from(Array(400).fill(Buffer.alloc(65536))),
  })
  assert.is(code, 7)
})

exec('fails with the error of an input that breaks', async ({ transport }) => {
  const broken = new Readable({ read() {} })
  broken.push('half')
  setTimeout(() => broken.destroy(new Error('disk gone')), 20)
  await rejects(transport.exec('cat', { stdin: broken }), (e) => e.message === 'disk gone')
  assert.is((await transport.exec('echo still here')).stdout.toString(), 'still here\n')
})

exec('fails with the error of an input that was broken before', async ({ transport }) => {
  const broken = new Readable({ read() {} })
  broken.destroy(new Error('disk gone'))
  await rejects(transport.exec('cat', { stdin: broken }), /disk gone/)
  const closed = new Readable({ read() {} })
  closed.destroy()
  await rejects(transport.exec('cat', { stdin: closed }), /closed before its end/)
})

exec('runs several commands at once', async ({ transport }) => {
  const start = performance.now()
  const numbers = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => Number((await transport.exec(`sleep 0.3; echo ${i}`)).stdout)),
  )
  assert.equal(numbers, [0, 1, 2, 3, 4, 5, 6, 7])
  assert.ok(performance.now() - start < 8 * 300)
})

exec('stops following when told, and the connection stays', async ({ transport }) => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  const start = performance.now()
  await rejects(transport.exec('sleep 5', { signal: stop.signal }), isInterrupted)
  assert.ok(performance.now() - start < 2000)
  assert.is((await transport.exec('echo on')).stdout.toString(), 'on\n')
})

exec('starts nothing when told to stop before', async ({ transport }) => {
  await rejects(transport.exec('echo on', { signal: AbortSignal.abort() }), isInterrupted)
})

exec('says that the line was lost when it breaks under a command', async ({ transport, server }) => {
  const running = transport.exec('sleep 5')
  setTimeout(() => {
    for (const connection of server.connections) socketOf(connection).destroy()
  }, 50)
  const error = await rejects(running, isDisconnected)
  assert.match(error.message, /connection to box was lost/)
  await rejects(transport.exec('true'), isDisconnected)
})

exec('says so when a channel ends without a status', async () => {
  const server = await startServer({ exec: (_command, channel) => channel.close() })
  const client = clientFolder(server)
  const transport = await connectSsh(client.target(), nobodyThere)
  await rejects(transport.exec('true'), (e) => isDisconnected(e) && /without an exit status/.test(e.message))
  await transport.close()
  await server.close()
  client.remove()
})

exec('has the status of a command whose whole answer arrives at once, however many there are', async () => {
  // A command that is done at once, seen by a client that was busy: that it began, its output, its status and its end come
  // out of the socket in one piece.
  const server = await startServer({
    beforeExec: (connection) => socketOf(connection).cork(),
    exec: (command, channel) => {
      const code = Number(command)
      if (code < 100) channel.exit(code)
      else channel.exit('KILL', false, '')
      channel.end()
      const socket = socketOf([...server.connections][0] as Connection)
      setImmediate(() => socket.uncork())
    },
  })
  const client = clientFolder(server)
  const transport = await connectSsh(client.target(), nobodyThere)
  const codes = Array.from({ length: 50 }, (_, i) => i)
  const results = await Promise.all(codes.map((code) => transport.exec(String(code))))
  assert.equal(
    results.map(({ code }) => code),
    codes,
  )
  const { code, signal } = await transport.exec('100')
  assert.equal({ code, signal }, { code: null, signal: 'SIGKILL' })
  await transport.close()
  await server.close()
  client.remove()
})

exec('goes on after the keys of the connection were exchanged anew', async ({ transport, server }) => {
  const running = transport.exec('sleep 0.2; echo done')
  const renewed = Array.from(server.connections, (c) => new Promise<void>((resolve) => c.rekey(resolve)))
  await Promise.all(renewed)
  assert.is((await running).stdout.toString(), 'done\n')
})

exec('close may be called on a lost connection', async ({ transport, server }) => {
  for (const connection of server.connections) socketOf(connection).destroy()
  await transport.close()
  await transport.close()
})

exec.run()

const keepalive = suite('keepalive')

keepalive('a silent peer is noticed, a silent command is not taken for one', async () => {
  const server = await startServer()
  const client = clientFolder(server)
  const transport = await connectSsh(client.target({ keepaliveSeconds: 0.1 }), nobodyThere)
  assert.is((await transport.exec('sleep 0.8; echo awake')).stdout.toString(), 'awake\n')
  const running = transport.exec('sleep 9')
  // As when the network swallows everything: nothing is read or answered any more.
  for (const connection of server.connections) socketOf(connection).pause()
  const start = performance.now()
  const error = await rejects(running, isDisconnected)
  assert.match(error.message, /keepalive/i)
  assert.ok(performance.now() - start < 3000)
  await transport.close()
  for (const connection of server.connections) socketOf(connection).destroy()
  await server.close()
  client.remove()
})

keepalive.run()
