/** Every kind of login shell behind a connection: what it makes of our quoting, and of the noise of its start-up files. */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { ServerChannel } from 'ssh2'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { commandLine } from '../../runner/shell.ts'
import { quiet } from '../../runner/transports/quiet.ts'
import { connectSsh } from '../../runner/transports/ssh.ts'
import type { Transport } from '../../runner/transports/transport.ts'
import { clientFolder, nobodyThere, startServer } from './server.ts'

interface Context {
  home: string
}

const NOISE = 'Welcome to this machine!\nLast login: never'

const SHELLS: { name: string; paths: string[]; packaged: string; startUp?: string; noisy?: boolean }[] = [
  { name: 'sh', paths: ['/bin/sh'], packaged: 'dash' },
  { name: 'bash', paths: ['/bin/bash'], packaged: 'bash', startUp: '.bashrc' },
  { name: 'ksh', paths: ['/bin/ksh'], packaged: 'ksh' },
  { name: 'csh', paths: ['/bin/bsd-csh', '/bin/csh'], packaged: 'csh', startUp: '.cshrc', noisy: true },
  { name: 'tcsh', paths: ['/bin/tcsh'], packaged: 'tcsh', startUp: '.tcshrc', noisy: true },
  { name: 'busybox sh', paths: ['/bin/busybox'], packaged: 'busybox' },
  { name: 'zsh', paths: ['/bin/zsh'], packaged: 'zsh', startUp: '.zshenv', noisy: true },
]

const logins = suite<Context>('login shells')

logins.before.each((context) => {
  context.home = mkdtempSync(join(tmpdir(), 'build-stack-home-'))
})
logins.after.each(({ home }) => rmSync(home, { recursive: true, force: true }))

/** A connection whose commands run as sshd would run them for an account with that login shell. */
async function withLogin(shell: string, home: string, use: (transport: Transport) => Promise<void>) {
  const exec = (command: string, channel: ServerChannel) => {
    // bash reads .bashrc when it believes itself behind sshd, which it takes from these.
    const env = { HOME: home, PATH: '/usr/bin:/bin', SSH_CLIENT: '127.0.0.1 1 2', SHLVL: '0' }
    const child = spawn(shell, ['-c', command], { cwd: home, env })
    channel.pipe(child.stdin)
    child.stdin.on('error', () => {})
    child.stdout.pipe(channel, { end: false })
    child.stderr.pipe(channel.stderr, { end: false })
    child.on('close', (code) => {
      channel.exit(code ?? 1)
      channel.end()
    })
  }
  const server = await startServer({ exec })
  const client = clientFolder(server)
  const transport = quiet(await connectSsh(client.target(), nobodyThere))
  try {
    await use(transport)
  } finally {
    await transport.close()
    await server.close()
    client.remove()
  }
}

for (const { name, paths, packaged, startUp, noisy } of SHELLS) {
  const found = paths.find(existsSync)
  if (found === undefined) {
    console.log(`  not tested with ${name}: it is not installed (apt-get install ${packaged})`)
    continue
  }
  const shellIn = (home: string) => {
    if (!found.endsWith('busybox')) return found
    symlinkSync(found, join(home, 'sh'))
    return join(home, 'sh')
  }

  logins(`${name}: words arrive as they are`, async ({ home }) => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        "it's",
        '"',
        '\\',
        '$(id)',
        '`id`',
        '!',
        '!!',
        'a!b',
        '~',
        '-n',
        '',
        '*',
        '%1',
        '{a,b}',
        '^a^b',
      ),
    )
    const words = fc.array(
      word.map((text) => text.replace(/[\0\n\r]/g, '')),
      { maxLength: 8 },
    )
    await withLogin(shellIn(home), home, async (transport) => {
      await fc.assert(
        fc.asyncProperty(words, async (given) => {
          const argv = ['/bin/sh', '-c', 'for w do printf "%s\\n" "$w"; done', 'sh', ...given]
          const { stdout, stderr } = await transport.exec(`exec ${commandLine(argv)}`)
          assert.is(stdout.toString('utf8'), given.map((each) => `${each}\n`).join(''), stderr)
        }),
        { numRuns: 15 },
      )
    })
  })

  logins(`${name}: a noisy start, and input that is not the shell's`, async ({ home }) => {
    if (startUp)
      writeFileSync(join(home, startUp), `echo "${NOISE.replace('\n', '"\necho "').replace('!', '\\!')}"\n`)
    await withLogin(shellIn(home), home, async (transport) => {
      const { code, stdout } = await transport.exec('exec /bin/sh -s', {
        stdin: 'echo first; read x; exit 3\nline\n',
      })
      assert.equal([code, stdout.toString()], [3, 'first\n'])
      const pieces: Buffer[] = []
      await transport.exec("exec /bin/sh -c 'printf a; sleep 0.1; printf b'", {
        onStdout: (piece) => pieces.push(piece),
      })
      assert.is(Buffer.concat(pieces).toString(), 'ab')
    })
    if (noisy) {
      assert.ok(await isNoisy(found, home), 'the start-up file was read')
    }
  })
}

/** Whether the noise is there without what takes it away. */
function isNoisy(shell: string, home: string): Promise<boolean> {
  return new Promise((resolve) => {
    let output = ''
    const child = spawn(shell, ['-c', 'true'], { env: { HOME: home, PATH: '/usr/bin:/bin' } })
    child.stdout.on('data', (piece) => {
      output += piece
    })
    child.on('close', () => resolve(output.includes('Last login')))
  })
}

logins('an account that may run no commands: what it says is kept', async ({ home }) => {
  const refusing = join(home, 'refusing')
  writeFileSync(refusing, '#!/bin/sh\necho This account is not available.\nexit 1\n', { mode: 0o755 })
  await withLogin(refusing, home, async (transport) => {
    const { code, stdout } = await transport.exec('true')
    assert.equal([code, stdout.toString()], [1, 'This account is not available.\n'])
  })
})

logins('noise without end is passed on', async ({ home }) => {
  const endless = join(home, 'endless')
  writeFileSync(endless, '#!/bin/sh\nhead -c 400000 /dev/zero\n', { mode: 0o755 })
  await withLogin(endless, home, async (transport) => {
    let bytes = 0
    await transport.exec('true', {
      onStdout: (piece) => {
        bytes += piece.length
      },
    })
    assert.is(bytes, 400000)
  })
})

logins.run()
