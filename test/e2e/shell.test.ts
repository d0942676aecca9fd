/** A shell in the build folder of a failed build: the environment of its steps, and a patch of what was changed there. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageRoot } from '../../runner/paths.ts'
import { usableServers } from './servers.ts'
import { onTerminal, SCRIPT } from './terminal.ts'
import { packTiny, tinyPatch, tinyRecipe } from './tinyPackage.ts'
import { type Outcome, Workshop } from './workshop.ts'

for (const server of usableServers()) {
  const workshop = new Workshop(server.env)
  // Its make says in which environment it ran.
  const archive = packTiny(
    workshop.archives,
    '1.0',
    { 'Makefile.in': (text) => `${text}broken:\n\tenv | sort >environment\n\texit 1\n` },
    { latin: Buffer.from('caf\xe9\n', 'latin1'), gone: Buffer.from('gone\n') },
  )
  const write = (fields: object, patches: object[] = [{ file: 'tiny/1.0/01-greeting.patch' }]) =>
    workshop.write('recipes/tiny.yaml', tinyRecipe(archive, fields, { patches }))
  workshop.write('patches/tiny/1.0/01-greeting.patch', tinyPatch())
  workshop.write(
    'hosts.yaml',
    JSON.stringify({
      hosts: { box: { address: 'sandbox', env: { TINY_VALUE: "it's" }, recipes: { tiny: '*' } } },
    }),
  )

  /** A shell whose commands come from standard input. */
  function shell(commands: string): Promise<Outcome> {
    const argv = [join(packageRoot, '.build', 'main.js'), '-C', workshop.project, 'shell', 'box', 'tiny']
    const child = spawn(process.execPath, argv, { env: workshop.env })
    const outcome = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (piece: Buffer) => {
        outcome[name] += piece
      })
    child.stdin.end(commands)
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...outcome })))
  }
  const patch = (...words: string[]) => workshop.command('shell', 'box', 'tiny', '--patch', ...words)

  const test = suite(`a shell in a build folder, with ${server.name}`)

  test('there is none before a build has failed', async () => {
    write({ make: ['broken'] })
    const none = await shell('pwd\n')
    assert.is(none.code, 1)
    assert.match(none.stderr, /no build folder of tiny is there/)
  })

  test('has the folder and the environment of the steps, and the exit status of its last command', async () => {
    assert.is((await workshop.build('box')).code, 1)
    const { code, stdout } = await shell('pwd; env | sort >/var/tmp/environment; exit 3\n')
    assert.is(code, 3)
    assert.is(stdout, '/var/tmp/build-stack/builds/tiny-1.0/build/tiny-1.0\n')
    // But for the folder of temporary files, by which a job's processes are known, and what make adds.
    const lines = (text = '') =>
      text.split('\n').filter((line) => !/^(TMPDIR|MAKE\w*|MFLAGS|SHLVL|OLDPWD|_|PWD)=/.test(line))
    const steps = workshop.read('box', 'var/tmp/build-stack/builds/tiny-1.0/build/tiny-1.0/environment')
    assert.equal(lines(workshop.read('box', 'var/tmp/environment')), lines(steps))
  })

  test('that changes nothing leaves nothing: the build goes on in the folder', async () => {
    assert.match((await patch('x')).stderr, /nothing was changed in the build folder/)
    const { stdout } = await workshop.build('box', '--json')
    assert.match(stdout, /"step-kept".*"configure"/)
  })

  test('what was changed becomes a patch that applies after the others; new files are taken by name', async () => {
    const commands = [
      "sed 's/patched/mended/' tiny.c >x && mv x tiny.c",
      'printf "caf\\351 more\\n" >latin',
      'rm gone; echo new >new; echo object >object; printf "\\000" >binary',
    ]
    assert.is((await shell(`${commands.join('\n')}\n`)).code, 0)
    const { code, stdout, stderr } = await patch('mend it')
    assert.equal([code, stdout], [64, ''])
    assert.match(stderr, /cannot be the name of a patch/)
    const written = await patch('mend-it', '--add', 'new')
    assert.is(written.code, 0, written.stderr)
    assert.match(written.stdout, /wrote .*patches\/tiny\/1\.0\/02-mend-it\.patch\n/)
    assert.match(
      written.stdout,
      / {2}changed latin\n {2}changed tiny\.c\n {2}added {3}new\n {2}removed gone\n/,
    )
    assert.match(written.stdout, / {2}object is new: not in the patch; --add object takes it\n/)
    assert.match(written.stdout, /patches:\n {6}- file: tiny\/1\.0\/02-mend-it\.patch\n$/)
    const text = readFileSync(join(workshop.project, 'patches/tiny/1.0/02-mend-it.patch'), 'latin1')
    assert.match(text, /^--- tiny-1\.0\/tiny\.c\n\+\+\+ tiny-1\.0\/tiny\.c\n@@ /m)
    assert.match(text, /^-caf\xe9\n\+caf\xe9 more$/m)

    write({}, [{ file: 'tiny/1.0/01-greeting.patch' }, { file: 'tiny/1.0/02-mend-it.patch' }])
    const next = await workshop.build('box', '-v')
    assert.is(next.code, 0, next.stdout)
    assert.match(
      next.stdout,
      /changed by hand: it is kept as \/var\/tmp\/build-stack\/builds\/tiny-1\.0\.edited-\d{14}/,
    )
    assert.is((await workshop.login('box', '/opt/local/bin/tiny')).stdout, 'tiny 1.0 mended')
  })

  // OpenSSH's server writes each login on a terminal to the kernel's audit log, which a sandbox may not.
  const terminal = existsSync(SCRIPT) && server.env.BUILD_STACK_SANDBOX_SERVER === 'ssh2' ? test : test.skip
  terminal('on a terminal it is one there too', async () => {
    write({ make: ['broken'], configure: ['--terminal'] })
    assert.is((await workshop.build('box')).code, 1)
    const { output, code } = await onTerminal(workshop, ['shell', 'box', 'tiny'], /[$#] /, [
      'tty; stty size; echo term $TERM',
      'exit 5',
    ])
    assert.is(code, 5, output)
    assert.match(output, /\/dev\/pts\/\d+/)
    assert.match(output, /term xterm/)
    assert.match(output, /becomes a patch with: build-stack shell box tiny --patch NAME/)
  })

  test.after(() => workshop.close())
  test.run()
}
