import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import ssh2 from 'ssh2'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../rejects.ts'
import { connect, exec, startSandboxes, type TestSandboxes } from './sandboxes.ts'

const login = suite('sandbox: a login')
let sandboxes: TestSandboxes

login.before(async () => {
  sandboxes = await startSandboxes()
})
login.after(() => sandboxes.close())

/** The same behaviour, whoever started the sandbox. */
function each(title: string, check: (sandbox: TestSandboxes['all'][number]) => Promise<void>): void {
  login(title, async () => {
    for (const sandbox of sandboxes.all) {
      try {
        await check(sandbox)
      } catch (error) {
        if (error instanceof Error) error.message = `as ${sandbox.label}: ${error.message}`
        throw error
      }
    }
  })
}

each('is the account that was asked for', async (sandbox) => {
  assert.match((await sandbox.run('id; pwd')).stdout, /^uid=0\(root\) gid=0\(root\) [^\n]*\n\/root\n$/)
  const admin = await sandbox.run('id; pwd', { user: 'admin' })
  assert.match(admin.stdout, /^uid=1000\(admin\) gid=10\(staff\) [^\n]*\n\/home\/admin\n$/)
})

each('gets the environment of sshd and nothing of ours', async (sandbox) => {
  process.env.OF_OURS = 'yes'
  const { stdout } = await sandbox.run('env', { user: 'admin' })
  const names = stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/=.*/, ''))
    .filter((name) => name !== 'PWD')
  assert.equal(names.sort(), ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'SSH_CONNECTION', 'TZ', 'USER'])
  assert.match(stdout, /^HOME=\/home\/admin$/m)
  assert.match(stdout, /^PATH=\/usr\/bin:\/usr\/sbin:\/sbin$/m)
  assert.match(
    stdout,
    new RegExp(`^SSH_CONNECTION=127\\.0\\.0\\.1 \\d+ 127\\.0\\.0\\.1 ${sandbox.endpoint.port}$`, 'm'),
  )
})

each('reports the exit status, the signal, and keeps output and errors apart', async (sandbox) => {
  const status = await sandbox.run('echo out; echo err >&2; exit 3')
  assert.equal(status, { code: 3, signal: undefined, stdout: 'out\n', stderr: 'err\n' })
  assert.equal((await sandbox.run('kill -TERM $$')).signal, 'SIGTERM')
  assert.equal((await sandbox.run('/no/such/program')).code, 127)
})

each('carries every byte both ways', async (sandbox) => {
  const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))
  const { stdout } = await sandbox.run('cat', { stdin: bytes })
  assert.equal(Buffer.from(stdout, 'latin1'), bytes)
})

each('has pipes, not sockets, as standard streams', async (sandbox) => {
  const command = 'cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr'
  for (const user of ['root', 'admin']) {
    const { stdout, stderr } = await sandbox.run(command, { user, stdin: 'in\n' })
    assert.equal([stdout, stderr], ['in\nout\n', 'err\n'])
  }
})

each('gives an empty input to a command when nothing is sent', async (sandbox) => {
  assert.equal((await sandbox.run('cat; echo done')).stdout, 'done\n')
})

each('takes a program that does not read its input', async (sandbox) => {
  assert.equal((await sandbox.run('exit 5', { stdin: Buffer.alloc(3_000_000) })).code, 5)
})

each('lets a program in the background hold the channel until it closes its output', async (sandbox) => {
  assert.equal((await sandbox.run('(sleep 0.3; echo late) & exit 4')).stdout, 'late\n')
})

each('uploads 100 MB whole, with a server that does not grow', async (sandbox) => {
  const data = randomBytes(1 << 20)
  const hash = createHash('sha256')
  const client = await sandbox.connect()
  const before = serverMemory(sandbox.endpoint.pid)
  await new Promise<void>((resolve, reject) => {
    client.exec('cat >/var/tmp/upload', (error, channel) => {
      if (error) return reject(error)
      channel.resume()
      channel.on('close', () => resolve())
      let left = 100
      const send = () => {
        while (left > 0) {
          left -= 1
          hash.update(data)
          if (!channel.write(data)) {
            channel.once('drain', send)
            return
          }
        }
        channel.end()
      }
      send()
    })
  })
  assert.ok(serverMemory(sandbox.endpoint.pid) - before < 60_000, 'the server holds what it should pass on')
  const digest = await exec(client, 'digest -a sha256 /var/tmp/upload; rm /var/tmp/upload')
  assert.is(digest.stdout.trim(), hash.digest('hex'))
  client.end()
})

each('downloads whole and in order', async (sandbox) => {
  const { stdout } = await sandbox.run('seq 1 1000000')
  assert.is(stdout.length, 6_888_896)
  assert.ok(stdout.endsWith('999999\n1000000\n'))
})

each('runs many commands at once on one connection', async (sandbox) => {
  const numbers = Array.from({ length: 30 }, (_, index) => index)
  const results = await Promise.all(numbers.map((number) => sandbox.run(`echo ${number}; exit ${number}`)))
  assert.equal(
    results.map(({ code, stdout }) => `${code} ${stdout}`),
    numbers.map((number) => `${number} ${number}\n`),
  )
})

each('ends nothing when the connection is lost', async (sandbox) => {
  const client = await sandbox.connect()
  await new Promise<void>((resolve, reject) => {
    const script = 'echo started; cat; sleep 0.3; echo survived >/var/tmp/survivor; echo to nobody'
    client.exec(script, (error, channel) => (error ? reject(error) : channel.once('data', () => resolve())))
  })
  client.destroy()
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await sandbox.run('cat /var/tmp/survivor')).code === 0) break
    await sleep(50)
  }
  assert.is((await sandbox.run('cat /var/tmp/survivor; rm -f /var/tmp/survivor')).stdout, 'survived\n')
})

each('runs a shell that reads its commands from the channel', async (sandbox) => {
  const client = await sandbox.connect('admin')
  const output = await new Promise<string>((resolve, reject) => {
    client.shell(false, (error, channel) => {
      if (error) return reject(error)
      let text = ''
      channel.on('data', (piece: Buffer) => {
        text += piece
      })
      channel.on('close', () => resolve(text))
      channel.end('id -un\nexit 0\n')
    })
  })
  assert.is(output, 'admin\n')
  client.end()
})

each('refuses another key, an unknown account, and a locked one', async (sandbox) => {
  const refused = /All configured authentication methods failed/
  const { endpoint } = sandbox
  const other = join(endpoint.root, 'var/tmp/other_key')
  writeFileSync(other, ssh2.utils.generateKeyPairSync('ed25519').private, { mode: 0o600 })
  await rejects(connect(endpoint, 'root', other), refused)
  await rejects(connect(endpoint, 'stranger'), refused)
  await sandbox.run('useradd -m locked')
  await rejects(connect(endpoint, 'locked'), refused)
})

each('can be a jump host to loopback, and to nowhere else', async (sandbox) => {
  const echo = createServer((socket) => socket.pipe(socket))
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  const { port } = echo.address() as { port: number }
  const client = await sandbox.connect()
  const forward = (address: string) =>
    new Promise<string>((resolve, reject) => {
      client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
        if (error) return reject(error)
        let text = ''
        channel.on('data', (piece: Buffer) => {
          text += piece
        })
        channel.on('close', () => resolve(text))
        channel.end('through the tunnel')
      })
    })
  assert.is(await forward('127.0.0.1'), 'through the tunnel')
  await rejects(forward('192.0.2.1'), /Channel open failure|open failed/)
  client.end()
  echo.close()
})

each("serves OpenSSH's client, with new keys in the middle of the data", async (sandbox) => {
  if (!existsSync('/usr/bin/ssh')) return
  const { endpoint } = sandbox
  const key = join(endpoint.root, 'var/tmp/own_key')
  writeFileSync(key, readFileSync(endpoint.identityFile), { mode: 0o600 })
  const options = ['-F', 'none', '-i', key, '-o', `UserKnownHostsFile=${endpoint.knownHostsFile}`]
  const { stdout } = await promisify(execFile)(
    'ssh',
    [...options, '-o', 'RekeyLimit=1M', '-p', `${endpoint.port}`, 'root@127.0.0.1', 'seq 1 1000000'],
    { maxBuffer: 1 << 24 },
  )
  assert.is(stdout.length, 6_888_896)
})

login.run()

/** The largest resident size so far, in kB, of the server in the sandbox that this process holds. */
function serverMemory(supervisor: number): number {
  const child = (pid: number) =>
    Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ')[0])
  const status = readFileSync(`/proc/${child(child(supervisor))}/status`, 'latin1')
  return Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1])
}
