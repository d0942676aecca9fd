/** The whole way with a package that builds in a second: install, nothing to do, changes, status, faults of a build. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { usableServers } from './servers.ts'
import { packTiny, tinyPatch, tinyRecipe } from './tinyPackage.ts'
import { Workshop } from './workshop.ts'

for (const server of usableServers()) {
  const workshop = new Workshop(server.env)
  const one = packTiny(workshop.archives, '1.0')
  const two = packTiny(workshop.archives, '2.0')
  const smoke = (stdout = '^tiny') => ({ smoke: [{ command: ['${prefix}/bin/tiny'], stdout }] })
  const write = (fields: object = {}, ofVersion: object = {}, archive = one) =>
    workshop.write('recipes/tiny.yaml', tinyRecipe(archive, { ...smoke(), ...fields }, ofVersion))
  const file = (path: string) => workshop.read('box', `opt/local/${path}`)
  workshop.write('hosts.yaml', 'hosts:\n  box:\n    address: sandbox\n    recipes:\n      tiny: "*"\n')
  workshop.write('patches/tiny/01-greeting.patch', tinyPatch())
  workshop.write('patches/tiny/02-wrong.patch', tinyPatch('  puts("other");'))

  const whole = suite(`the whole way, with ${server.name}`)

  whole('a dry run before anything is there shows what would be installed, and changes nothing', async () => {
    write()
    const { code, stdout } = await workshop.build('box', '--dry-run')
    assert.is(code, 2)
    assert.match(stdout, /\+ tiny 1\.0 {2}install/)
    assert.equal(workshop.prefix('box'), [])
    assert.is(workshop.endpoint('box').server, server.env.BUILD_STACK_SANDBOX_SERVER)
  })

  whole('a run installs it', async () => {
    const { code, stdout, stderr } = await workshop.build('box')
    assert.is(code, 0, stdout + stderr)
    assert.is(file('share/tiny/arguments'), '--prefix=/opt/local\n')
  })

  whole('a second run has nothing to do', async () => {
    const before = workshop.prefix('box')
    const { code, stdout } = await workshop.build('box')
    assert.is(code, 0)
    assert.match(stdout, /up to date/)
    assert.equal(workshop.prefix('box'), before)
    assert.is((await workshop.build('box', '--dry-run')).code, 0)
  })

  whole('a changed flag rebuilds, and the dry run names it', async () => {
    write({ configure: ['--with-flag'] })
    const { code, stdout } = await workshop.build('box', '--dry-run')
    assert.is(code, 2)
    assert.match(stdout, /rebuild/)
    assert.match(stdout, /\+ --with-flag/)
    assert.is((await workshop.build('box')).code, 0)
    assert.is(file('share/tiny/arguments'), '--prefix=/opt/local\n--with-flag\n')
  })

  whole('a patch rebuilds, and is applied', async () => {
    write(smoke('patched'), { patches: [{ file: 'tiny/01-greeting.patch' }] })
    const { stdout } = await workshop.build('box', '--dry-run')
    assert.match(stdout, /patch tiny\/01-greeting\.patch/)
    const run = await workshop.build('box')
    assert.is(run.code, 0, run.stdout)
    assert.is((await workshop.login('box', '/opt/local/bin/tiny')).stdout, 'tiny 1.0 patched')
  })

  whole('another version is an upgrade, an older one a downgrade', async () => {
    write({}, {}, two)
    assert.match((await workshop.build('box', '--dry-run')).stdout, /tiny 1\.0 -> 2\.0 {2}upgrade/)
    assert.is((await workshop.build('box')).code, 0)
    assert.is((await workshop.login('box', '/opt/local/bin/tiny')).stdout, 'tiny 2.0')
    write()
    assert.match((await workshop.build('box', '--dry-run')).stdout, /tiny 2\.0 -> 1\.0 {2}downgrade/)
    assert.is((await workshop.build('box')).code, 0)
  })

  whole('status shows what is there, as a table and as JSON', async () => {
    const { code, stdout } = await workshop.command('status', 'box')
    assert.is(code, 0)
    assert.match(stdout, /tiny +1\.0/)
    assert.match((await workshop.command('status', 'box', '--json')).stdout, /"recipe":"tiny"/)
  })

  const faults = suite(`a fault leaves the prefix as it was, with ${server.name}`)

  const failing: [string, object, object, RegExp[]][] = [
    [
      'configure fails',
      { configure: ['--fail'] },
      {},
      [/configure failed \(exit code 77\)/, /error: no luck/],
    ],
    [
      'a patch does not apply',
      {},
      { patches: [{ file: 'tiny/02-wrong.patch' }] },
      [/patch 02-wrong\.patch does not apply/, /rejected: \/var\/tmp\/\S+tiny\.c\.rej/, /hunk @@ -/],
    ],
    [
      'a patch is applied already',
      {},
      { patches: [{ file: 'tiny/01-greeting.patch' }, { file: 'tiny/03-again.patch' }] },
      [/applied already/],
    ],
    [
      'the smoke test fails in the stage',
      smoke('something else'),
      {},
      [/test in the stage failed/, /does not match/],
    ],
    [
      // An account that only the installed program meets: bin/tiny is found by its place, and not in the stage.
      'the smoke test fails in place',
      {
        smoke: [
          {
            command: [
              '/bin/sh',
              '-c',
              '! test -e "${prefix}/bin/tiny" || case $0 in ./stage*) ;; *) exit 5 ;; esac',
              '${prefix}',
            ],
          },
        ],
      },
      {},
      [/test in place failed/, /exit code 5/],
    ],
  ]

  for (const [name, fields, ofVersion, texts] of failing) {
    faults(name, async () => {
      workshop.write('patches/tiny/03-again.patch', tinyPatch())
      const before = workshop.prefix('box')
      write({ ...fields, env: { TINY_VALUE: 'changed' } }, ofVersion)
      const { code, stdout } = await workshop.build('box')
      assert.is(code, 1, stdout)
      for (const text of texts) assert.match(stdout, text)
      assert.match(stdout, /log: \/\S+\.log\n {2}next: /)
      assert.equal(workshop.prefix('box'), before)
      write()
      assert.is((await workshop.build('box', '--dry-run')).code, 0)
    })
  }

  faults('make fails', async () => {
    const before = workshop.prefix('box')
    const broken = packTiny(workshop.archives, '1.1', {
      'tiny.c': () => 'int main(void) { return nothing; }\n',
    })
    write({}, {}, broken)
    const { code, stdout } = await workshop.build('box')
    assert.is(code, 1)
    assert.match(stdout, /build failed \(exit code 2\)/)
    assert.match(stdout, /'nothing' undeclared/)
    assert.equal(workshop.prefix('box'), before)
  })

  faults('files of nobody are in the way', async () => {
    writeFileSync(join(workshop.root('box'), 'opt/local/bin/stranger'), 'mine\n')
    const before = workshop.prefix('box')
    const archive = packTiny(workshop.archives, '3.0', {
      'Makefile.in': (text) => `${text}\tcp tiny $(DESTDIR)$(prefix)/bin/stranger\n`,
    })
    write({}, {}, archive)
    const { code, stdout } = await workshop.build('box')
    assert.is(code, 1)
    assert.match(stdout, /bin\/stranger is there and belongs to nobody/)
    assert.match(stdout, /next: move the files named above away/)
    assert.equal(workshop.prefix('box'), before)
  })

  whole.run()
  faults.after(() => workshop.close())
  faults.run()
}
