import { appendFileSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { fingerprint } from '../../runner/transports/knownHosts.ts'
import { connectSsh, type HostKeyQuestion } from '../../runner/transports/ssh.ts'
import type { SshTarget } from '../../runner/transports/transport.ts'
import { rejects } from '../rejects.ts'
import {
  type ClientFolder,
  clientFolder,
  keyPair,
  nobodyThere,
  publicBlob,
  startServer,
  type TestServer,
} from './server.ts'

const keys = suite<{ server: TestServer; client: ClientFolder }>('host keys')
const ed25519 = keyPair()
const rsa = keyPair('rsa')

keys.before.each(async (context) => {
  context.server = await startServer({ hostKey: ed25519, hostKeys: [ed25519.private, rsa.private] })
  context.client = clientFolder(context.server)
})
keys.after.each(async ({ server, client }) => {
  await server.close()
  client.remove()
})

const accepting = { ...nobodyThere, acceptNewHostKeys: true }

async function succeeds(target: SshTarget, interaction = nobodyThere): Promise<void> {
  const transport = await connectSsh(target, interaction)
  assert.is((await transport.exec('echo in')).stdout.toString(), 'in\n')
  await transport.close()
}

async function refusal(target: SshTarget, interaction = nobodyThere): Promise<BuildStackError> {
  const isConnect = (e: Error) => e instanceof BuildStackError && e.code === 'CONNECT'
  return (await rejects(connectSsh(target, interaction), isConnect)) as BuildStackError
}

const lineOf = (name: string, pair: { public: string }) =>
  `${name} ${pair.public.split(' ').slice(0, 2).join(' ')}\n`

keys('an unknown host is refused where nobody can be asked, with what to do', async ({ server, client }) => {
  writeFileSync(client.knownHosts, '')
  const error = await refusal(client.target())
  assert.match(error.message, /the host key of box .* is not known/)
  assert.ok(error.message.includes(`ssh-ed25519 ${fingerprint(publicBlob(ed25519))}`))
  assert.match(error.context.next ?? '', '--accept-new-host-keys')
  assert.match(error.context.next ?? '', `ssh-keyscan -p ${server.port} 127.0.0.1`)
  assert.is(readFileSync(client.knownHosts, 'utf8'), '')
})

keys('--accept-new-host-keys adds the key, once, in a file of its own', async ({ server, client }) => {
  const file = join(client.path, 'new', '.ssh', 'known_hosts')
  const target = client.target({ knownHostsFiles: [file] })
  await succeeds(target, accepting)
  assert.is(readFileSync(file, 'utf8'), lineOf(`[127.0.0.1]:${server.port}`, ed25519))
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.is(statSync(join(file, '..')).mode & 0o777, 0o700)
  await succeeds(target, accepting)
  await succeeds(target)
  assert.is(readFileSync(file, 'utf8').trim().split('\n').length, 1)
})

keys('a line is added below one that has no end', async ({ server, client }) => {
  writeFileSync(client.knownHosts, '# the last line has no newline')
  await succeeds(client.target(), accepting)
  const added = lineOf(`[127.0.0.1]:${server.port}`, ed25519)
  assert.is(readFileSync(client.knownHosts, 'utf8'), `# the last line has no newline\n${added}`)
})

keys(
  'an unknown host is asked about on a terminal, and remembered when trusted',
  async ({ server, client }) => {
    writeFileSync(client.knownHosts, '')
    const questions: HostKeyQuestion[] = []
    const answering = (answer: boolean) => ({
      ...nobodyThere,
      confirmHostKey: async (question: HostKeyQuestion) => {
        questions.push(question)
        return answer
      },
    })
    assert.match((await refusal(client.target(), answering(false))).message, /was not accepted/)
    await succeeds(client.target(), answering(true))
    await succeeds(client.target(), answering(false))
    const expected = {
      host: '127.0.0.1',
      port: server.port,
      type: 'ssh-ed25519',
      fingerprint: fingerprint(publicBlob(ed25519)),
    }
    assert.equal(questions, [expected, expected])
  },
)

keys('the time to answer is not the time to connect', async ({ client }) => {
  writeFileSync(client.knownHosts, '')
  const slow = {
    ...nobodyThere,
    confirmHostKey: () => new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 600)),
  }
  await succeeds(client.target({ connectTimeoutSeconds: 0.4 }), slow)
})

keys('a changed key is refused whatever was asked for, and its line is named', async ({ server, client }) => {
  const text = `# box\n${lineOf(`[127.0.0.1]:${server.port}`, keyPair())}`
  writeFileSync(client.knownHosts, text)
  for (const interaction of [nobodyThere, accepting, { ...accepting, confirmHostKey: async () => true }]) {
    const error = await refusal(client.target(), interaction)
    assert.match(error.message, 'shows another host key than the one in')
    assert.ok(error.message.includes(`${client.knownHosts}:2`))
    assert.ok(
      error.context.next?.includes(`ssh-keygen -R '[127.0.0.1]:${server.port}' -f ${client.knownHosts}`),
    )
  }
  assert.is(readFileSync(client.knownHosts, 'utf8'), text)
})

keys('a host that is known by its RSA key is asked for that one', async ({ server, client }) => {
  writeFileSync(client.knownHosts, lineOf(`[127.0.0.1]:${server.port}`, rsa))
  await succeeds(client.target())
})

keys('a host whose known key is gone is not new', async ({ server, client }) => {
  writeFileSync(client.knownHosts, lineOf(`[127.0.0.1]:${server.port}`, keyPair('ecdsa')))
  assert.match((await refusal(client.target(), accepting)).message, 'shows another host key')
  assert.match((await refusal(client.target())).message, 'has one of another type')
})

keys('a revoked key is refused', async ({ client }) => {
  appendFileSync(client.knownHosts, `@revoked ${lineOf('*', ed25519)}`)
  const error = await refusal(client.target(), accepting)
  assert.ok(error.message.includes(`revoked in ${client.knownHosts}:2`))
})

keys('HostKeyAlias is the name that is looked up and added', async ({ client }) => {
  writeFileSync(client.knownHosts, lineOf('the-box', ed25519))
  await succeeds(client.target({ hostKeyAlias: 'the-box' }))
  await succeeds(client.target({ hostKeyAlias: 'Other-Box' }), accepting)
  assert.match(readFileSync(client.knownHosts, 'utf8'), /^other-box ssh-ed25519/m)
})

keys('every file is read, and only the first is written', async ({ server, client }) => {
  const system = join(client.path, 'ssh_known_hosts')
  writeFileSync(system, lineOf(`[127.0.0.1]:${server.port}`, ed25519))
  const first = join(client.path, 'first')
  await succeeds(client.target({ knownHostsFiles: [first, system] }))
  assert.not.ok(existsSync(first))
})

keys('a file that cannot be read or written says so', async ({ client }) => {
  rmSync(client.knownHosts)
  const folder = client.target({ knownHostsFiles: [client.path] })
  assert.match((await refusal(folder)).message, /cannot be read/)
  const below = client.target({ knownHostsFiles: [join(client.key, 'known_hosts')] })
  assert.match((await refusal(below, accepting)).message, /cannot be (read|added)/)
})

keys('a new exchange of keys asks nothing again', async ({ server, client }) => {
  writeFileSync(client.knownHosts, '')
  let asked = 0
  const confirmHostKey = async () => ++asked > 0
  const transport = await connectSsh(client.target(), { ...nobodyThere, confirmHostKey })
  await Promise.all(Array.from(server.connections, (c) => new Promise<void>((resolve) => c.rekey(resolve))))
  assert.is((await transport.exec('echo on')).stdout.toString(), 'on\n')
  await transport.close()
  assert.is(asked, 1)
})

keys.run()
