import { appendFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import { rejects } from '../rejects.ts'
import {
  type ClientFolder,
  clientFolder,
  keyPair,
  nobodyThere,
  socketOf,
  startServer,
  type TestServer,
} from './server.ts'

interface Context {
  outer: TestServer
  inner: TestServer
  box: TestServer
  client: ClientFolder
}

const jump = suite<Context>('jump hosts')

jump.before.each(async (context) => {
  context.outer = await startServer()
  context.inner = await startServer()
  context.box = await startServer()
  context.client = clientFolder(context.box)
  for (const { port, hostKey } of [context.outer, context.inner]) {
    appendFileSync(context.client.knownHosts, `[127.0.0.1]:${port} ${hostKey.public}\n`)
  }
})
jump.after.each(async ({ outer, inner, box, client }) => {
  await Promise.all([outer.close(), inner.close(), box.close()])
  client.remove()
})

const chain = ({ outer, inner, client }: Context) => {
  const first = client.target({ name: 'outer', port: outer.port })
  return client.target({ name: 'inner', port: inner.port, jump: first })
}

async function refusal(connecting: Promise<unknown>): Promise<BuildStackError> {
  return (await rejects(
    connecting,
    (e) => e instanceof BuildStackError && e.code === 'CONNECT',
  )) as BuildStackError
}

jump('commands and their input go through every host of a chain', async (context) => {
  const { box, outer, inner, client } = context
  const transport = await connectSsh(client.target({ jump: chain(context) }), nobodyThere)
  assert.equal(
    [outer, inner, box].map((server) => server.connections.size),
    [1, 1, 1],
  )
  const big = Buffer.alloc(5_000_000, 'x')
  const { code, stdout } = await transport.exec('wc -c; exit 4', { stdin: big })
  assert.equal([code, stdout.toString().trim()], [4, '5000000'])
  await transport.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(
    [outer, inner, box].map((server) => server.connections.size),
    [0, 0, 0],
  )
})

jump('a hop whose key is not let in is named, with where the way leads', async ({ client }) => {
  const strict = await startServer({ authenticate: (attempt) => attempt.reject(['publickey']) })
  const known = clientFolder(strict)
  const hop = known.target({ name: 'strict' })
  const error = await refusal(connectSsh(client.target({ jump: hop }), nobodyThere))
  assert.is(error.context.host, 'box')
  assert.match(
    error.message,
    `no login as builder on jump host strict (127.0.0.1:${strict.port}) on the way to box`,
  )
  await strict.close()
  known.remove()
})

jump('a hop whose host key is not known is named', async (context) => {
  const { client, outer } = context
  const hop = client.target({ name: 'outer', port: outer.port, knownHostsFiles: [] })
  const error = await refusal(connectSsh(client.target({ jump: hop }), nobodyThere))
  assert.match(
    error.message,
    /the host key of jump host outer \(127.0.0.1:\d+\) on the way to box is not known/,
  )
})

jump('a jump host that cannot reach the target says so', async (context) => {
  const { client, outer } = context
  const closed = createServer()
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', () => resolve()))
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const hop = client.target({ name: 'outer', port: outer.port })
  const error = await refusal(connectSsh(client.target({ port, jump: hop }), nobodyThere))
  assert.match(
    error.message,
    `jump host outer (127.0.0.1:${outer.port}) did not open the way to box (127.0.0.1:${port})`,
  )
  assert.match(error.context.next ?? '', `nc -z 127.0.0.1 ${port}`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.is(outer.connections.size, 0)
})

jump('a jump host that forbids forwarding says so', async ({ client }) => {
  const strict = await startServer({
    hostKey: keyPair(),
    onConnection(connection) {
      connection.removeAllListeners('tcpip')
    },
  })
  const known = clientFolder(strict)
  const hop = known.target({ name: 'strict', identityFiles: [client.key] })
  const error = await refusal(connectSsh(client.target({ jump: hop }), nobodyThere))
  assert.match(error.message, /jump host strict .* did not open the way to box .*: it forbids forwarding/)
  assert.match(error.context.next ?? '', 'AllowTcpForwarding')
  await strict.close()
  known.remove()
})

jump('a jump host that goes down takes the command with it, as a lost line', async (context) => {
  const { client, outer } = context
  const transport = await connectSsh(client.target({ jump: chain(context) }), nobodyThere)
  const running = transport.exec('sleep 5')
  setTimeout(() => {
    for (const connection of outer.connections) socketOf(connection).destroy()
  }, 50)
  await rejects(running, (e) => e instanceof BuildStackError && e.code === 'DISCONNECTED')
  await transport.close()
})

jump.run()
