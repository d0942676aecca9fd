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
import { keyPair, nobodyThere } from './server.ts'
import { startOpenSsh } from './sshd.ts'

const openssh = suite('OpenSSH')
const sshd = await startOpenSsh(['MaxSessions 3', 'MaxAuthTries 3'])

if (sshd) {
  openssh.after(() => sshd.stop())

  openssh('status, signal and both outputs', async () => {
    const transport = await connectSsh(sshd.target(), nobodyThere)
    const { code, stdout, stderr } = await transport.exec('echo out; echo err >&2; exit 3')
    assert.equal([code, stdout.toString(), stderr], [3, 'out\n', 'err\n'])
    assert.is((await transport.exec('kill -9 $$')).signal, 'SIGKILL')
    await transport.close()
  })

  openssh('more commands at once than the host allows channels', async () => {
    const transport = await connectSsh(sshd.target(), nobodyThere)
    const results = await Promise.all(
      Array.from({ length: 9 }, async (_, i) =>
        Number((await transport.exec(`sleep 0.1; echo ${i}`)).stdout),
      ),
    )
    assert.equal(results, [0, 1, 2, 3, 4, 5, 6, 7, 8])
    await transport.close()
  })

  openssh('a command that waits for a channel can be given up', async () => {
    const transport = await connectSsh(sshd.target(), nobodyThere)
    const running = Array.from({ length: 3 }, () => transport.exec('sleep 0.6'))
    await new Promise((resolve) => setTimeout(resolve, 300))
    const start = performance.now()
    const interrupted = (e: Error) => e instanceof BuildStackError && e.code === 'INTERRUPTED'
    await rejects(transport.exec('true', { signal: AbortSignal.timeout(50) }), interrupted)
    assert.ok(performance.now() - start < 250)
    await Promise.all(running)
    await transport.close()
  })

  openssh('an upload arrives whole, and its command can fail', async () => {
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

  openssh('through itself as jump host', async () => {
    const transport = await connectSsh(sshd.target({ jump: sshd.target({ name: 'gate' }) }), nobodyThere)
    assert.is((await transport.exec('echo through')).stdout.toString(), 'through\n')
    await transport.close()
  })

  openssh('too many keys: the host ends the login, and the error says how to name one', async () => {
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
}

openssh.run()
