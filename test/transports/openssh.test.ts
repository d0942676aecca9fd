/** The transport against OpenSSH's own server, where it is installed. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import { uploadStream } from '../../runner/transports/upload.ts'
import { rejects } from '../rejects.ts'
import { unless } from '../unless.ts'
import { noPam, startPamSsh } from './pam.ts'
import { keyPair, nobodyThere } from './server.ts'
import { noSshd, type OpenSsh, startOpenSsh } from './sshd.ts'

const openssh = suite('OpenSSH')
const own = unless(noSshd, openssh)
let sshd: OpenSsh
openssh.before(async () => {
  if (noSshd === undefined) sshd = await startOpenSsh(['MaxSessions 3', 'MaxAuthTries 3'])
})
openssh.after(() => sshd?.stop())

own('status, signal and both outputs', async () => {
  const transport = await connectSsh(sshd.target(), nobodyThere)
  const { code, stdout, stderr } = await transport.exec('echo out; echo err >&2; exit 3')
  assert.equal([code, stdout.toString(), stderr], [3, 'out\n', 'err\n'])
  assert.is((await transport.exec('kill -9 $$')).signal, 'SIGKILL')
  await transport.close()
})

own('more commands at once than the host allows channels', async () => {
  const transport = await connectSsh(sshd.target(), nobodyThere)
  const results = await Promise.all(
    Array.from({ length: 9 }, async (_, i) => Number((await transport.exec(`sleep 0.1; echo ${i}`)).stdout)),
  )
  assert.equal(results, [0, 1, 2, 3, 4, 5, 6, 7, 8])
  await transport.close()
})

own('a command that waits for a channel can be given up', async () => {
  const transport = await connectSsh(sshd.target(), nobodyThere)
  const go = join(sshd.folder, 'go')
  let started = 0
  const running = await new Promise<Promise<unknown>[]>((resolve) => {
    const commands = Array.from({ length: 3 }, () =>
      transport.exec(`echo started; until test -f ${go}; do sleep 0.05; done`, {
        onStdout: () => ++started === 3 && resolve(commands),
      }),
    )
  })
  const interrupted = (e: Error) => e instanceof BuildStackError && e.code === 'INTERRUPTED'
  await rejects(transport.exec('true', { signal: AbortSignal.timeout(50) }), interrupted)
  writeFileSync(go, '')
  await Promise.all(running)
  await transport.close()
})

own('an upload arrives whole, and its command can fail', async () => {
  const transport = await connectSsh(sshd.target(), nobodyThere)
  const there = join(sshd.folder, 'there')
  mkdirSync(there)
  const content = randomBytes(9_000_001)
  const entries = [{ path: 'a/b', mode: 0o640, content }]
  assert.is((await uploadStream(transport, entries, `cd ${there} && tar xof -`)).code, 0)
  assert.ok(readFileSync(join(there, 'a/b')).equals(content))
  assert.is((await uploadStream(transport, entries, 'exit 9')).code, 9)
  await transport.close()
})

own('a banner is no part of an answer, and no terminal is asked for', async () => {
  const text = join(sshd.folder, 'banner')
  writeFileSync(text, `Authorised use only. $(id) 'quoted'\x1b[2J\n${'long '.repeat(5000)}\n`)
  const strict = await startOpenSsh([`Banner ${text}`, 'PrintMotd yes', 'PermitTTY no'])
  try {
    const transport = await connectSsh(strict.target(), nobodyThere)
    const { code, stdout, stderr } = await transport.exec('echo answer')
    assert.equal([code, stdout.toString(), stderr], [0, 'answer\n', ''])
    await transport.close()
  } finally {
    strict.stop()
  }
})

own('through itself as jump host', async () => {
  const transport = await connectSsh(sshd.target({ jump: sshd.target({ name: 'gate' }) }), nobodyThere)
  assert.is((await transport.exec('echo through')).stdout.toString(), 'through\n')
  await transport.close()
})

own('too many keys: the host ends the login, and the error says how to name one', async () => {
  const identityFiles = [1, 2, 3, 4].map((n) => {
    const file = join(sshd.folder, `wrong${n}`)
    writeFileSync(file, keyPair().private, { mode: 0o600 })
    return file
  })
  const isConnect = (e: Error) => e instanceof BuildStackError && e.code === 'CONNECT'
  const error = await rejects(connectSsh(sshd.target({ identityFiles }), nobodyThere), isConnect)
  assert.match(error.message, /the host ended the login of .*: Too many authentication failures/)
  assert.match((error as BuildStackError).context.next ?? '', 'IdentitiesOnly')
})

const asking = unless(noPam, openssh)
const answering = (...answers: string[]) => {
  const prompts: string[] = []
  const askSecret = async (prompt: string) => {
    prompts.push(prompt)
    return answers.shift()
  }
  return { ...nobodyThere, askSecret, prompts }
}

asking('keyboard-interactive: a wrong code is asked for again, then it logs in', async () => {
  const strict = await startPamSsh('123 456', ['AuthenticationMethods keyboard-interactive'])
  try {
    const user = answering('wrong', '123 456')
    const transport = await connectSsh(strict.target(), user)
    assert.is((await transport.exec('echo in')).stdout.toString(), 'in\n')
    await transport.close()
    assert.is(user.prompts.length, 2)
    for (const prompt of user.prompts) assert.match(prompt, /^\(\S+@127\.0\.0\.1\) .*Password: $/)
    const isConnect = (e: Error) => e instanceof BuildStackError && e.code === 'CONNECT'
    const error = await rejects(connectSsh(strict.target(), nobodyThere), isConnect)
    assert.match((error as BuildStackError).context.next ?? '', /terminal/)
  } finally {
    strict.stop()
  }
})

asking('a key and then a code, where the host wants both', async () => {
  const strict = await startPamSsh('123 456', ['AuthenticationMethods publickey,keyboard-interactive'])
  try {
    const user = answering('123 456')
    const transport = await connectSsh(strict.target(), user)
    assert.is((await transport.exec('echo in')).stdout.toString(), 'in\n')
    await transport.close()
    assert.is(user.prompts.length, 1)
    const isConnect = (e: Error) => e instanceof BuildStackError && e.code === 'CONNECT'
    const error = await rejects(connectSsh(strict.target(), nobodyThere), isConnect)
    assert.match((error as BuildStackError).context.next ?? '', /terminal/)
  } finally {
    strict.stop()
  }
})

openssh.run()
