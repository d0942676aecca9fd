import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import ssh2, { type AuthContext, type Connection } from 'ssh2'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { connectSsh, type SshInteraction } from '../../runner/transports/ssh.ts'
import type { SshTarget } from '../../runner/transports/transport.ts'
import { rejects } from '../rejects.ts'
import {
  type ClientFolder,
  clientFolder,
  type KeyType,
  keyPair,
  nobodyThere,
  startServer,
  type TestServer,
} from './server.ts'

interface Context {
  client: ClientFolder
  server: TestServer
  /** What the server lets in; each test fills it. */
  allowed: { keys: string[]; password?: string; methods?: AuthContext['method'][] }
}

const login = suite<Context>('login')

login.before.each(async (context) => {
  const allowed: Context['allowed'] = { keys: [] }
  context.allowed = allowed
  context.server = await startServer({ authenticate: (attempt) => judge(attempt, allowed) })
  context.client = clientFolder(context.server)
  allowed.keys.push(context.client.pair.public)
})
login.after.each(async ({ server, client }) => {
  await server.close()
  client.remove()
})

function judge(attempt: AuthContext, allowed: Context['allowed']): unknown {
  const methods = allowed.methods ?? ['publickey']
  const reject = () => attempt.reject(methods)
  if (!methods.includes(attempt.method)) return reject()
  if (attempt.method === 'publickey') {
    const key = allowed.keys
      .map((text) => ssh2.utils.parseKey(text))
      .find((parsed) => !(parsed instanceof Error) && parsed.getPublicSSH().equals(attempt.key.data))
    if (key === undefined || key instanceof Error) return reject()
    const { signature, blob, hashAlgo } = attempt
    // Without a signature it is only a question, whether this key would do.
    if (signature && blob && key.verify(blob, signature, hashAlgo) !== true) return reject()
    return attempt.accept()
  }
  if (attempt.method === 'password')
    return attempt.password === allowed.password ? attempt.accept() : reject()
  if (attempt.method === 'keyboard-interactive') {
    return attempt.prompt([{ prompt: 'One-time\u001b[2J code: ', echo: false }], (answers) =>
      answers[0] === allowed.password ? attempt.accept() : reject(),
    )
  }
  return reject()
}

async function succeeds(target: SshTarget, interaction: SshInteraction = nobodyThere): Promise<void> {
  const transport = await connectSsh(target, interaction)
  assert.is((await transport.exec('echo in')).stdout.toString(), 'in\n')
  await transport.close()
}

async function refusal(
  target: SshTarget,
  interaction: SshInteraction = nobodyThere,
): Promise<BuildStackError> {
  const isConnect = (e: Error) => e instanceof BuildStackError && e.code === 'CONNECT'
  return (await rejects(connectSsh(target, interaction), isConnect)) as BuildStackError
}

/** A user at a terminal who gives these answers in turn. */
function answering(...answers: (string | undefined)[]): SshInteraction & { prompts: string[] } {
  const prompts: string[] = []
  const askSecret = async (prompt: string) => {
    prompts.push(prompt)
    return answers.shift()
  }
  return { ...nobodyThere, askSecret, prompts }
}

function writeKey(client: ClientFolder, name: string, text: string, mode = 0o600): string {
  const file = join(client.path, name)
  writeFileSync(file, text, { mode })
  chmodSync(file, mode)
  return file
}

for (const type of ['ed25519', 'ecdsa', 'rsa'] as KeyType[]) {
  login(`a key of type ${type}`, async ({ client, allowed }) => {
    const pair = keyPair(type)
    allowed.keys = [pair.public]
    await succeeds(client.target({ identityFiles: [writeKey(client, 'k', pair.private)] }))
  })
}

login('the second key when the first is not let in', async ({ client }) => {
  const first = writeKey(client, 'first', keyPair().private)
  await succeeds(client.target({ identityFiles: [first, client.key] }))
})

login('a key that is not let in: what was tried and what the host accepts', async ({ client, allowed }) => {
  allowed.keys = []
  const error = await refusal(client.target())
  assert.match(error.message, /no login as builder on box \(127.0.0.1:\d+\)/)
  assert.ok(error.message.includes(`tried: ${client.key}; the host accepts: publickey`))
  assert.match(error.context.next ?? '', 'ssh-copy-id')
  assert.is(error.context.host, 'box')
})

login('nothing to try', async ({ client, allowed }) => {
  allowed.methods = ['publickey', 'password']
  const error = await refusal(client.target({ identityFiles: [] }))
  assert.match(error.message, 'there was nothing to try; the host accepts: publickey, password')
  assert.match(error.context.next ?? '', 'terminal')
})

login(
  'a passphrase is asked for, again when it was wrong, once for a connection',
  async ({ client, allowed }) => {
    const pair = keyPair('ed25519', 'open sesame')
    allowed.keys = [pair.public]
    const file = writeKey(client, 'locked', pair.private)
    const user = answering('wrong', 'open sesame')
    await succeeds(client.target({ identityFiles: [file] }), user)
    assert.equal(user.prompts, [`Passphrase for ${file}: `, `Passphrase for ${file}: `])
  },
)

login('no passphrase is asked for a key that the host would not take', async ({ client }) => {
  const file = writeKey(client, 'locked', keyPair('ed25519', 'secret').private)
  const user = answering()
  await succeeds(client.target({ identityFiles: [file, client.key] }), user)
  assert.equal(user.prompts, [])
})

login('a wrong passphrase three times, and nothing secret in the error', async ({ client, allowed }) => {
  const pair = keyPair('ed25519', 'right')
  allowed.keys = [pair.public]
  const file = writeKey(client, 'locked', pair.private)
  const user = answering('guess-1', 'guess-2', 'guess-3', 'right')
  const error = await refusal(client.target({ identityFiles: [file] }), user)
  assert.is(user.prompts.length, 3)
  assert.ok(error.message.includes(`the passphrase of ${file} was wrong 3 times`))
  assert.is(error.context.next, `ssh-add ${file}`)
  assert.not.match(JSON.stringify([error.message, error.context, error.stack]), /guess|right/)
})

login('an encrypted key without a terminal', async ({ client, allowed }) => {
  const pair = keyPair('ed25519', 'right')
  allowed.keys = [pair.public]
  const file = writeKey(client, 'locked', pair.private)
  const error = await refusal(client.target({ identityFiles: [file] }))
  assert.ok(error.message.includes(`${file} has a passphrase and there is no terminal to ask for it`))
  assert.is(error.context.next, `ssh-add ${file}`)
})

login(
  'a key file that is missing, open to others, unfit: each is named with what to do',
  async ({ client }) => {
    const open = writeKey(client, 'open', keyPair().private, 0o644)
    const folder = join(client.path, 'folder')
    mkdirSync(folder, { mode: 0o700 })
    for (const [file, message, next] of [
      [join(client.path, 'gone'), /gone does not exist/, /ssh-keygen/],
      [open, /others can read .*open \(mode 0644\), so it is not used/, /^chmod 600 .*open$/],
      [folder, /folder cannot be read \(EISDIR\)/, /ls -l/],
      [writeKey(client, 'x.pub', client.pair.public), /x.pub is a public key/, /Name the private key: .*x$/],
      [writeKey(client, 'text', 'hello'), /text is not a private key/, /ssh-keygen -y/],
    ] as const) {
      const error = await refusal(client.target({ identityFiles: [file] }))
      assert.match(error.message, message)
      assert.match(error.context.next ?? '', next)
    }
  },
)

login('an unfit key file does no harm when another key is let in', async ({ client }) => {
  await succeeds(client.target({ identityFiles: [join(client.path, 'gone'), client.key] }))
})

login('a password from the terminal, three times at most', async ({ client, allowed }) => {
  Object.assign(allowed, { methods: ['password'], password: 'tiger' })
  const user = answering('lion', 'tiger')
  await succeeds(client.target(), user)
  assert.equal(user.prompts, Array(2).fill('Password of builder@127.0.0.1: '))
  const error = await refusal(client.target(), answering('a', 'b', 'c', 'tiger'))
  assert.match(error.message, /tried: .*; password/)
})

login('keyboard-interactive, with the account before the words of the host', async ({ client, allowed }) => {
  Object.assign(allowed, { methods: ['keyboard-interactive'], password: '123456' })
  const user = answering('123456')
  await succeeds(client.target(), user)
  assert.equal(user.prompts, ['(builder@127.0.0.1) One-time [2J code: '])
  const silent = answering(undefined)
  await refusal(client.target(), silent)
  assert.is(silent.prompts.length, 1)
})

login('a key and then a code, when the host wants both', async ({ client, allowed }) => {
  allowed.password = '42'
  let keyAccepted = false
  const server = await startServer({
    authenticate(attempt) {
      if (attempt.method === 'publickey' && attempt.signature && !keyAccepted) {
        keyAccepted = true
        return attempt.reject(['keyboard-interactive'], true)
      }
      judge(attempt, { ...allowed, methods: keyAccepted ? ['keyboard-interactive'] : ['publickey'] })
    },
  })
  const second = clientFolder(server)
  copyFileSync(client.key, second.key)
  const other = writeKey(second, 'other', keyPair().private)
  await succeeds(second.target({ identityFiles: [second.key, other] }), answering('42'))
  await server.close()
  second.remove()
})

login('the time to type is not the time to connect', async ({ client, allowed }) => {
  Object.assign(allowed, { methods: ['password'], password: 'tiger' })
  const askSecret = () => new Promise<string>((resolve) => setTimeout(() => resolve('tiger'), 600))
  await succeeds(client.target({ connectTimeoutSeconds: 0.4 }), { ...nobodyThere, askSecret })
})

login('a host that ends the login: too many failures', async () => {
  let failures = 0
  const server = await startServer({
    authenticate(attempt) {
      if (++failures < 3) return attempt.reject(['publickey'])
      disconnect(server)
    },
  })
  const second = clientFolder(server)
  const files = [1, 2, 3, 4].map((n) => writeKey(second, `k${n}`, keyPair().private))
  const error = await refusal(second.target({ identityFiles: files }))
  assert.match(error.message, /the host ended the login of builder on box/)
  assert.match(error.message, files.slice(0, 3).join('; '))
  assert.match(error.context.next ?? '', /key: in hosts.yaml.*IdentitiesOnly/)
  await server.close()
  second.remove()
})

/** As OpenSSH does at MaxAuthTries: reason 2, protocol error. */
function disconnect(server: TestServer): void {
  for (const connection of server.connections) {
    ;(
      connection as Connection & { _protocol: { disconnect: (reason: number) => void } }
    )._protocol.disconnect(2)
    connection.end()
  }
}

login('a host that does not answer the login', async () => {
  const server = await startServer({ authenticate: () => {} })
  const client = clientFolder(server)
  const error = await refusal(client.target({ connectTimeoutSeconds: 0.3 }))
  assert.match(error.message, /did not answer the login within 0.3 seconds/)
  for (const connection of server.connections) connection.end()
  await server.close()
  client.remove()
})

login('an agent that does not answer', async ({ client, allowed }) => {
  const agent = join(client.path, 'no-agent')
  await succeeds(client.target({ agent }))
  allowed.keys = []
  const error = await refusal(client.target({ agent }))
  assert.ok(error.message.includes(`the SSH agent at ${agent} does not answer`))
})

login('an agent that takes the question and says nothing', async ({ client }) => {
  const agent = join(client.path, 'silent')
  const server = createServer(() => {}).listen(agent)
  await succeeds(client.target({ agent, connectTimeoutSeconds: 0.3 }))
  server.close()
})

if (spawnSync('ssh-agent', ['-?']).error === undefined && spawnSync('ssh-add', ['-?']).error === undefined) {
  const withAgent = async (
    client: ClientFolder,
    files: string[],
    work: (socket: string) => Promise<void>,
  ) => {
    const socket = join(client.path, 'agent')
    const output = execFileSync('ssh-agent', ['-a', socket]).toString()
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(output)?.[1])
    try {
      const env = { ...process.env, SSH_AUTH_SOCK: socket }
      for (const file of files) execFileSync('ssh-add', ['-q', file], { env, stdio: 'ignore' })
      await work(socket)
    } finally {
      process.kill(pid)
    }
  }

  for (const type of ['ed25519', 'ecdsa', 'rsa'] as KeyType[]) {
    login(`the agent's key of type ${type}`, async ({ client, allowed }) => {
      const pair = keyPair(type)
      allowed.keys = [pair.public]
      await withAgent(client, [writeKey(client, 'a', pair.private)], (agent) =>
        succeeds(client.target({ agent, identityFiles: [], identitiesOnly: false })),
      )
    })
  }

  login(
    'with IdentitiesOnly the agent signs for the named keys, and only those',
    async ({ client, allowed }) => {
      const other = writeKey(client, 'other', keyPair().private)
      await withAgent(client, [other, client.key], async (agent) => {
        writeFileSync(`${client.key}.pub`, client.pair.public)
        rmSync(client.key)
        await succeeds(client.target({ agent }))
        allowed.keys = []
        const error = await refusal(client.target({ agent }))
        assert.is(error.message.match(/of the agent/g)?.length, 1)
      })
    },
  )
}

if (spawnSync('ssh-keygen', ['-?']).error === undefined) {
  for (const [what, passphrase, beside] of [
    ['a PEM key', '', false],
    ['an encrypted PEM key', 'pem secret', false],
    ['an encrypted PEM key with its public key beside it', 'pem secret', true],
  ] as const) {
    login(`${what} made by ssh-keygen`, async ({ client, allowed }) => {
      const file = join(client.path, 'pem')
      const args = ['-q', '-t', 'rsa', '-b', '2048', '-m', 'PEM', '-N', passphrase, '-f', file]
      execFileSync('ssh-keygen', args)
      allowed.keys = [execFileSync('cat', [`${file}.pub`]).toString()]
      if (!beside) rmSync(`${file}.pub`)
      await succeeds(client.target({ identityFiles: [file] }), answering('wrong', passphrase))
    })
  }
}

login.run()
