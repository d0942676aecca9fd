/** package.sh with package managers that are small scripts here, printing what the real ones print. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const shells = [['dash'], ['ksh93'], ['busybox', 'sh']].filter(([name]) => has(name ?? ''))

/** What each prints before and after the installation; it notes how it was called. */
const managers: Record<
  string,
  { program: string; list: string; before: string; after: string; call: string }
> = {
  'pkg-get': {
    program: 'pkg-get',
    list: '-c memcached',
    before:
      '            software             localrev            remoterev\n           memcached      [Not installed]       1.2.4,REV=2007',
    after:
      '            software             localrev            remoterev\n           memcached       1.2.4,REV=2007                 SAME',
    call: '-f install memcached',
  },
  pkgutil: {
    program: 'pkgutil',
    list: '-c --single memcached',
    before: 'package   installed  catalog\nmemcached notinst 1.2.4,REV=2007',
    after: 'package   installed  catalog\nmemcached 1.2.4,REV=2007 SAME',
    call: '-y -i memcached',
  },
  pkgin: {
    program: 'pkgin',
    list: '-p list',
    before: 'memcached-tools-9.9;others\nlibevent-2.1.12;library',
    after: 'memcached-tools-9.9;others\nmemcached-1.2.4nb1;cache\nlibevent-2.1.12;library',
    call: '-y install memcached',
  },
  ips: {
    program: 'pkg',
    list: 'list -H memcached',
    before: '',
    after: 'database/memcached (omnios)              1.2.4-151046.0            i--',
    call: 'install -q --accept memcached',
  },
}
const versions: Record<string, string> = {
  'pkg-get': '1.2.4,REV=2007',
  pkgutil: '1.2.4,REV=2007',
  pkgin: '1.2.4nb1',
  ips: '1.2.4-151046.0',
}

function inFolder(use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'package-'))
  try {
    mkdirSync(join(folder, 'bin'))
    use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function pretend(folder: string, name: string, installed: boolean, exit = 0): void {
  const { program, list, before, after } = managers[name] as (typeof managers)[string]
  const path = join(folder, 'bin', program)
  writeFileSync(join(folder, 'before'), `${before}\n`)
  writeFileSync(join(folder, 'after'), `${after}\n`)
  if (installed) writeFileSync(join(folder, 'installed'), '')
  writeFileSync(
    path,
    `#!/bin/sh
cd ${folder}
if [ "$*" = '${list}' ]; then
  if [ -f installed ]; then cat after; else cat before; fi
  exit 0
fi
echo "$*" >>calls
[ ${exit} -eq 0 ] || exit ${exit}
touch installed
`,
  )
  chmodSync(path, 0o755)
}

function call(shell: string[], folder: string, ...words: string[]) {
  const [program = 'sh', ...options] = shell
  return spawnSync(program, [...options, hostScript('package.sh'), ...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: `${folder}/bin:${process.env.PATH}` },
  })
}

for (const shell of shells) {
  const test = suite(`host/package.sh under ${shell.join(' ')}`)
  for (const [name, manager] of Object.entries(managers)) {
    test(`installs with ${name} and notes the version that is there then`, () =>
      inFolder((folder) => {
        pretend(folder, name, false)
        const { status, stderr } = call(shell, folder, name, 'memcached')
        assert.is(status, 0, stderr)
        assert.is(readFileSync(join(folder, 'calls'), 'utf8'), `${manager.call}\n`)
        assert.is(readFileSync(join(folder, 'package.version'), 'utf8'), `${versions[name]}\n`)
      }))

    test(`leaves what ${name} has installed already`, () =>
      inFolder((folder) => {
        pretend(folder, name, true)
        const { status, stdout } = call(shell, folder, name, 'memcached')
        assert.is(status, 0)
        assert.match(stdout, 'is installed already')
        assert.not(existsSync(join(folder, 'calls')))
        assert.is(readFileSync(join(folder, 'package.version'), 'utf8'), `${versions[name]}\n`)
      }))

    test(`says when ${name} fails, and notes no version`, () =>
      inFolder((folder) => {
        pretend(folder, name, false, 3)
        const { status, stderr } = call(shell, folder, name, 'memcached')
        assert.is(status, 1)
        assert.match(stderr, `${name} could not install memcached (exit code 3)`)
        assert.not(existsSync(join(folder, 'package.version')))
      }))
  }

  test('takes for IPS "nothing to do" as what it is, and still wants to see the package', () =>
    inFolder((folder) => {
      pretend(folder, 'ips', false, 4)
      const { status, stderr } = call(shell, folder, 'ips', 'memcached')
      assert.is(status, 1)
      assert.match(stderr, 'does not list it')
    }))

  test('refuses a package manager that it does not know', () =>
    inFolder((folder) => {
      const { status, stderr } = call(shell, folder, 'rpm', 'memcached')
      assert.is(status, 1)
      assert.match(stderr, 'no package manager of the name "rpm"')
    }))

  test.run()
}
