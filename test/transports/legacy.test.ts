/** Hosts with SSH servers of 2005: refused as they are, reached when their entry in hosts.yaml allows it. */
import { writeFileSync } from 'node:fs'
import ssh2, { type Connection, type NegotiatedAlgorithms, type ParsedKey } from 'ssh2'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import type { SshTarget } from '../../runner/transports/transport.ts'
import { rejects } from '../rejects.ts'
import { unless } from '../unless.ts'
import { clientFolder, keyPair, nobodyThere, type ServerOptions, startServer } from './server.ts'
import { noSshd, startOpenSsh } from './sshd.ts'

const legacy = suite('old algorithms')

async function answerOf(target: SshTarget): Promise<string> {
  const transport = await connectSsh(target, nobodyThere)
  try {
    return (await transport.exec('echo through')).stdout.toString()
  } finally {
    await transport.close()
  }
}

async function refusal(target: SshTarget): Promise<BuildStackError> {
  const isConnect = (e: Error) => e instanceof BuildStackError && e.code === 'CONNECT'
  return (await rejects(connectSsh(target, nobodyThere), isConnect)) as BuildStackError
}

const MODERN = {
  kex: ['curve25519-sha256'],
  serverHostKey: ['rsa-sha2-512'],
  cipher: ['aes256-ctr'],
  hmac: ['hmac-sha2-256'],
}

const SERVERS: [name: string, algorithms: Record<string, string[]>, kind: string][] = [
  [
    'SunSSH 1.1 with the kex that ssh2 can serve',
    {
      kex: ['diffie-hellman-group1-sha1'],
      serverHostKey: ['ssh-rsa'],
      cipher: ['aes128-ctr', 'aes128-cbc', '3des-cbc'],
      hmac: ['hmac-md5', 'hmac-sha1', 'hmac-sha1-96', 'hmac-md5-96'],
    },
    'key exchange method',
  ],
  ['only group 14 with SHA-1', { ...MODERN, kex: ['diffie-hellman-group14-sha1'] }, 'key exchange method'],
  ['only the first RSA signatures', { ...MODERN, serverHostKey: ['ssh-rsa'] }, 'host key type'],
  ['only AES in CBC', { ...MODERN, cipher: ['aes256-cbc', 'aes128-cbc'] }, 'cipher'],
  ['only 3DES', { ...MODERN, cipher: ['3des-cbc'] }, 'cipher'],
  ['only MD5 in MACs', { ...MODERN, hmac: ['hmac-md5'] }, 'MAC'],
  ['only cut MACs', { ...MODERN, hmac: ['hmac-md5-96', 'hmac-sha1-96'] }, 'MAC'],
]

for (const [name, algorithms, kind] of SERVERS) {
  legacy(name, async () => {
    const hostKey = keyPair('rsa')
    const server = await startServer({ hostKey, algorithms } as unknown as ServerOptions)
    const client = clientFolder(server)
    try {
      const error = await refusal(client.target())
      assert.match(error.message, `no ${kind} in common`)
      assert.match(error.context.next ?? '', /algorithms: legacy at box in hosts\.yaml$/)
      assert.is(await answerOf(client.target({ algorithms: 'legacy' })), 'through\n')
    } finally {
      await server.close()
      client.remove()
    }
  })
}

legacy('a server that nothing helps is not said to be helped', async () => {
  const algorithms = { ...MODERN, hmac: ['hmac-ripemd160'] }
  const server = await startServer({ hostKey: keyPair('rsa'), algorithms } as unknown as ServerOptions)
  const client = clientFolder(server)
  for (const mode of ['modern', 'legacy'] as const) {
    const error = await refusal(client.target({ algorithms: mode }))
    assert.is(error.context.next, 'Give the host a newer SSH server')
  }
  await server.close()
  client.remove()
})

legacy('what is strong comes first, for a host that has both', async () => {
  const chosen: string[] = []
  const hostKey = keyPair('rsa')
  const algorithms = {
    kex: ['diffie-hellman-group1-sha1', 'curve25519-sha256'],
    serverHostKey: ['ssh-rsa', 'rsa-sha2-512'],
    cipher: ['3des-cbc', 'aes256-ctr'],
    hmac: ['hmac-md5', 'hmac-sha2-256'],
  }
  const server = await startServer({
    hostKey,
    algorithms,
    onConnection: (connection: Connection) => {
      connection.on('handshake', (negotiated: NegotiatedAlgorithms) =>
        chosen.push(negotiated.kex, negotiated.serverHostKey, negotiated.cs.cipher, negotiated.cs.mac),
      )
    },
  } as unknown as ServerOptions)
  const client = clientFolder(server)
  await answerOf(client.target({ algorithms: 'legacy' }))
  assert.equal(chosen, ['curve25519-sha256', 'rsa-sha2-512', 'aes256-ctr', 'hmac-sha2-256'])
  await server.close()
  client.remove()
})

legacy('the host behind an old jump host keeps its own setting', async () => {
  const old = { ...MODERN, kex: ['diffie-hellman-group1-sha1'] }
  const gate = await startServer({ hostKey: keyPair('rsa'), algorithms: old } as unknown as ServerOptions)
  const box = await startServer({ hostKey: keyPair('rsa'), algorithms: old } as unknown as ServerOptions)
  const [toGate, toBox] = [clientFolder(gate), clientFolder(box)]
  const jump = toGate.target({ name: 'gate', algorithms: 'legacy' })
  const error = await refusal(toBox.target({ jump }))
  assert.match(error.context.next ?? '', /legacy at box in hosts\.yaml$/)
  assert.is(await answerOf(toBox.target({ jump, algorithms: 'legacy' })), 'through\n')
  const other = await refusal(toBox.target({ jump: { ...jump, algorithms: 'modern' }, algorithms: 'legacy' }))
  assert.match(other.context.next ?? '', /legacy at gate in hosts\.yaml$/)
  await Promise.all([gate.close(), box.close()])
  for (const client of [toGate, toBox]) client.remove()
})

const OPENSSH = [
  'KexAlgorithms diffie-hellman-group-exchange-sha1',
  'HostKeyAlgorithms ssh-rsa',
  'PubkeyAcceptedAlgorithms +ssh-rsa',
  'Ciphers aes128-cbc,3des-cbc',
  'MACs hmac-md5,hmac-sha1-96',
]

unless(noSshd, legacy)("OpenSSH's server with the algorithms of its version 4", async () => {
  const sshd = await startOpenSsh(OPENSSH, 'rsa')
  const error = await refusal(sshd.target())
  assert.match(
    error.message,
    /no key exchange method in common: the host has diffie-hellman-group-exchange-sha1/,
  )
  assert.is(await answerOf(sshd.target({ algorithms: 'legacy' })), 'through\n')
  sshd.stop()
})

/** As before RFC 8308: such a server does not say which signatures it can check. */
function sayNothingOfSignatures(connection: unknown): void {
  const protocol = (connection as { _protocol: { _kex?: object } })._protocol
  let kex = protocol._kex
  Object.defineProperty(protocol, '_kex', {
    get: () => kex,
    set(value: object | undefined) {
      kex = value
      if (value) Object.defineProperty(value, 'remoteExtInfoEnabled', { get: () => false, set() {} })
    },
  })
}

legacy('a host that takes only SHA-1 signatures of an RSA key gets none unless it may', async () => {
  const pair = keyPair('rsa')
  const wanted = ssh2.utils.parseKey(pair.public) as ParsedKey
  const server = await startServer({
    onConnection: sayNothingOfSignatures,
    authenticate(context) {
      if (context.method !== 'publickey' || context.key.algo !== 'ssh-rsa') return context.reject()
      const { signature, blob } = context
      if (signature === undefined) return context.accept()
      return wanted.verify(blob as Buffer, signature, 'sha1') === true ? context.accept() : context.reject()
    },
  })
  const client = clientFolder(server)
  writeFileSync(client.key, pair.private)
  const error = await refusal(client.target())
  assert.match(error.message, /is not used, because the host takes only SHA-1 signatures of it/)
  assert.match(error.context.next ?? '', /algorithms: legacy at box in hosts\.yaml/)
  assert.is(await answerOf(client.target({ algorithms: 'legacy' })), 'through\n')
  await server.close()
  client.remove()
})

legacy.run()
