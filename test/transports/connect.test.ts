/** Every way in which a connection fails before the login, provoked for real. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { socketError } from '../../runner/transports/connectError.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import type { SshTarget } from '../../runner/transports/transport.ts'
import { rejects } from '../rejects.ts'
import { type ClientFolder, clientFolder, keyPair, nobodyThere, startServer } from './server.ts'

const connect = suite<{ client: ClientFolder }>('connecting fails')

connect.before.each((context) => {
  context.client = clientFolder({ port: 1, hostKey: keyPair() })
})
connect.after.each(({ client }) => client.remove())

/** The CONNECT error of a target, checked for what all of them have. */
async function failure(target: SshTarget, signal?: AbortSignal): Promise<BuildStackError> {
  const error = (await rejects(
    connectSsh(target, nobodyThere, signal),
    (e) => e instanceof BuildStackError,
  )) as BuildStackError
  assert.is(error.code, 'CONNECT')
  assert.is(error.context.host, target.name)
  assert.ok(error.context.next, 'it says what to do next')
  assert.ok(error.message.includes(`${target.address}:${target.port}`), error.message)
  return error
}

/** A plain TCP server; what it does with a connection is the test. */
async function tcp(onSocket: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return { server, port: (server.address() as AddressInfo).port }
}

async function failureOf(
  client: ClientFolder,
  onSocket: (socket: Socket) => void,
  changes: Partial<SshTarget> = {},
) {
  const sockets: Socket[] = []
  const { server, port } = await tcp((socket) => {
    sockets.push(socket)
    onSocket(socket)
  })
  try {
    return await failure(client.target({ port, ...changes }))
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

connect('a name that does not exist', async ({ client }) => {
  // Without a network the look-up itself fails; both are named.
  const error = await failure(client.target({ address: 'no-such-host.invalid' }))
  assert.match(error.message, /the name no-such-host.invalid (is not known|could not be looked up)/)
})

connect('a port where nobody listens', async ({ client }) => {
  const { server, port } = await tcp(() => {})
  await new Promise((resolve) => server.close(resolve))
  const error = await failure(client.target({ port }))
  assert.match(error.message, new RegExp(`box \\(127.0.0.1:${port}\\): connection refused`))
  assert.match(error.context.next ?? '', new RegExp(`port ${port}`))
})

connect('a name with several addresses where nobody listens', async ({ client }) => {
  const { server, port } = await tcp(() => {})
  await new Promise((resolve) => server.close(resolve))
  assert.match((await failure(client.target({ address: 'localhost', port }))).message, /connection refused/)
})

connect('an address to which there is no route', async ({ client }) => {
  // TCP to the broadcast address: the kernel refuses at once.
  const error = await failure(client.target({ address: '255.255.255.255', connectTimeoutSeconds: 0.5 }))
  assert.match(error.message, /no route to the host/)
})

connect('the codes of an unreachable network are said in words', ({ client }) => {
  const target = client.target()
  for (const code of ['EHOSTUNREACH', 'ENETUNREACH']) {
    const error = socketError({ target, destination: target }, Object.assign(new Error(code), { code }))
    assert.match(error.message, new RegExp(`no route to the host \\(${code}\\)`))
  }
})

connect('a connection that is never taken', async ({ client }) => {
  // A listener with a full backlog drops what comes: the same silence as a firewall's.
  const { server, port } = await fullBacklog()
  try {
    const start = performance.now()
    const error = await failure(client.target({ port, connectTimeoutSeconds: 0.3 }))
    assert.match(error.message, /no answer within 0.3 seconds/)
    assert.ok(performance.now() - start < 2000)
  } finally {
    server.kill()
  }
})

connect('a server that says nothing', async ({ client }) => {
  const error = await failureOf(client, () => {}, { connectTimeoutSeconds: 0.2 })
  assert.match(error.message, /connected, but no SSH server said anything within 0.2 seconds/)
})

connect('a server that stops after its greeting', async ({ client }) => {
  const error = await failureOf(client, (s) => s.write('SSH-2.0-Slow_1\r\n'), { connectTimeoutSeconds: 0.2 })
  assert.match(error.message, /the SSH handshake did not end within 0.2 seconds/)
})

connect('a web server', async ({ client }) => {
  const error = await failureOf(client, (s) => s.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'))
  assert.match(error.message, /this is not an SSH server; it says "HTTP\/1.1 400 Bad Request"/)
  assert.match(error.context.next ?? '', /port/)
})

connect('a server that goes on saying other things', async ({ client }) => {
  const error = await failureOf(client, (s) => s.write(`220 mail\u001b[2J ESMTP\r\n${'x'.repeat(20000)}\r\n`))
  assert.match(error.message, /this is not an SSH server; it says "220 mail \[2J ESMTP"/)
})

connect('a server that closes at once', async ({ client }) => {
  const error = await failureOf(client, (s) => s.end())
  assert.match(error.message, /closed before the server said anything/)
  assert.match(error.context.next ?? '', /MaxStartups/)
})

connect('a server that closes in the handshake', async ({ client }) => {
  const error = await failureOf(client, (s) => s.end('SSH-2.0-Full_1\r\n'))
  assert.match(error.message, /closed during the handshake/)
})

connect('a server that breaks the connection in the handshake', async ({ client }) => {
  const error = await failureOf(client, (s) => {
    s.write('SSH-2.0-Full_1\r\n')
    setTimeout(() => s.resetAndDestroy(), 20)
  })
  assert.match(error.message, /the SSH handshake failed: .*ECONNRESET|closed during the handshake/)
})

connect('a server of SSH 1', async ({ client }) => {
  const error = await failureOf(client, (s) => s.write('SSH-1.5-1.2.27\r\n'))
  assert.match(error.message, /speaks only SSH 1 \(SSH-1.5-1.2.27\)/)
})

for (const [kind, algorithms, theirs] of [
  ['key exchange method', { kex: ['diffie-hellman-group1-sha1'] }, 'diffie-hellman-group1-sha1'],
  ['host key type', { serverHostKey: ['ssh-rsa'] }, 'ssh-rsa'],
  ['cipher', { cipher: ['aes128-cbc'] }, 'aes128-cbc'],
  ['MAC', { cipher: ['aes128-ctr'], hmac: ['hmac-md5'] }, 'hmac-md5'],
] as const) {
  connect(`no ${kind} in common`, async ({ client }) => {
    const hostKey = keyPair(kind === 'host key type' ? 'rsa' : 'ed25519')
    const server = await startServer({ hostKey, algorithms: algorithms as object })
    try {
      const error = await failure(client.target({ port: server.port }))
      assert.match(error.message, `no ${kind} in common: the host has ${theirs}; build-stack offers `)
      assert.match(error.context.next ?? '', /algorithms: legacy at box/)
      assert.not.match(error.message, /kex-strict|ext-info/)
    } finally {
      await server.close()
    }
  })
}

connect('the user stops it', async ({ client }) => {
  const { server, port } = await tcp((socket) => setTimeout(() => socket.destroy(), 1000).unref())
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 50)
  const start = performance.now()
  const stopped = (e: Error) => e instanceof BuildStackError && e.code === 'INTERRUPTED'
  await rejects(connectSsh(client.target({ port }), nobodyThere, stop.signal), stopped)
  await rejects(connectSsh(client.target({ port }), nobodyThere, AbortSignal.abort()), stopped)
  assert.ok(performance.now() - start < 900)
  server.close()
})

/** Node always accepts what it listens for, so the listener is a small program that never does. */
async function fullBacklog(): Promise<{ server: import('node:child_process').ChildProcess; port: number }> {
  const { spawn } = await import('node:child_process')
  const program =
    'use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(0, INADDR_LOOPBACK)); listen(S, 0);' +
    '$| = 1; print((sockaddr_in(getsockname(S)))[0], "\\n"); sleep 30'
  const server = spawn('perl', ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<number>((resolve) => server.stdout.once('data', (d) => resolve(Number(d))))
  const { connect: dial } = await import('node:net')
  // One fills the backlog of zero; further ones make sure.
  for (let i = 0; i < 3; i++)
    dial(port, '127.0.0.1')
      .on('error', () => {})
      .unref()
  await new Promise((resolve) => setTimeout(resolve, 50))
  return { server, port }
}

connect.run()
