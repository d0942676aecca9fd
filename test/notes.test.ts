/**
 * The notes' own two machines, planned against a pretended OpenSolaris host of 2007: every command line of the notes is
 * among those that would run, with the same words, environment and order, and nothing is configured that the notes do not have.
 */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeJob } from '../runner/build/job.ts'
import { loadProject } from '../runner/config/load.ts'
import { packageRoot } from '../runner/paths.ts'
import type { Facts } from '../runner/probe/facts.ts'
import { prepareHost } from '../runner/run/prepareHost.ts'

const NOTES = join(packageRoot, '../shared/seed/notes-2007.txt')

/**
 * Per recipe the notes' lines, as they stand there, and the steps that do the same. Differences, all of them meant:
 * gmake for make (Sun's make came first on the notes' PATH, and what they built needs GNU's); installed into a stage, then put in
 * place as root, for "sudo make install"; patches by number of path parts, which patch.sh gives to gpatch.
 */
const expected: Record<string, { notes: string[]; steps: [string, string[]][] }> = {
  python: {
    notes: [
      'gpatch -p1 < ../Python-2.5.1.patch ./configure --enable-shared --prefix=/opt/local make sudo make install',
    ],
    steps: [
      ['patch', ['patch.sh', '1', '0']],
      ['configure', ['./configure --enable-shared --prefix=/opt/local']],
      ['build', ['gmake']],
      ['stage', ['gmake install']],
      ['install', ['switch.sh" install']],
    ],
  },
  openssl: {
    notes: [
      './Configure --prefix=/opt/local --openssldir=/opt/local/openssl solaris-x86-gcc gpatch -p1 < ../openssl-0.9.7m.patch make sudo make install',
    ],
    steps: [
      ['configure', ['./Configure --prefix=/opt/local --openssldir=/opt/local/openssl solaris-x86-gcc']],
      ['patch', ['patch.sh', '1', '0']],
      ['build', ['gmake']],
      ['stage', ['gmake install']],
      ['install', ['switch.sh" install']],
    ],
  },
  mysql: {
    notes: [
      'CFLAGS="-O3" CXX=gcc CXXFLAGS="-O3 -felide-constructors -fno-exceptions -fno-rtti" ./configure --prefix=/opt/local/mysql --enable-assembler --with-yassl make sudo make install',
    ],
    steps: [
      [
        'configure',
        [
          'CFLAGS=-O3; export CFLAGS',
          'CXX=gcc; export CXX',
          "CXXFLAGS='-O3 -felide-constructors -fno-exceptions -fno-rtti'; export CXXFLAGS",
          './configure --prefix=/opt/local/mysql --enable-assembler --with-yassl',
        ],
      ],
      ['build', ['gmake']],
      ['stage', ['gmake install']],
      ['install', ['switch.sh" install']],
    ],
  },
  'mysql-python': {
    notes: [
      'gpatch -p1 < ../MySQL-python-1.2.2.patch1 gpatch -p1 < ../MySQL-python-1.2.2.patch2 LD_LIBRARY_CONFIG=/opt/local/mysql/lib LDFLAGS="-L/opt/local/lib" python setup.py build sudo rsync -aP build/lib.solaris-2.11-i86pc-2.5/ /opt/local/lib/python2.5/site-packages/',
    ],
    steps: [
      ['patch', ['patch.sh', '1', '0']],
      ['patch', ['patch.sh', '1', '0']],
      [
        'build',
        [
          'LD_LIBRARY_CONFIG=/opt/local/mysql/lib; export LD_LIBRARY_CONFIG',
          'LDFLAGS=-L/opt/local/lib; export LDFLAGS',
          'python setup.py build',
        ],
      ],
      // The platform's tag of build/lib* is found there: it is another on each host.
      ['stage', ['distutils-stage.sh" python']],
      ['install', ['switch.sh" install']],
    ],
  },
  apache: {
    notes: [
      './configure --prefix=/opt/local/apache2 --enable-mods-shared=all --enable-ssl make sudo make install',
    ],
    steps: [
      ['configure', ['./configure --prefix=/opt/local/apache2 --enable-mods-shared=all --enable-ssl']],
      ['build', ['gmake']],
      ['stage', ['gmake install']],
      ['install', ['switch.sh" install']],
    ],
  },
  mod_python: {
    notes: [
      './configure --with-apxs=/opt/local/apache2/bin/apxs --with-python=/opt/local/bin/python make sudo make install',
    ],
    steps: [
      ['configure', ['--with-apxs=/opt/local/apache2/bin/apxs --with-python=/opt/local/bin/python']],
      ['build', ['gmake']],
      ['stage', ['gmake install']],
      ['install', ['switch.sh" install']],
    ],
  },
  memcached: {
    notes: ['pkg-get -i memcached'],
    steps: [['install package', ['package.sh" pkg-get memcached']]],
  },
  'python-memcached': {
    notes: ['python setup.py build sudo cp build/lib/memcache.py /opt/local/lib/python2.5/site-packages/'],
    steps: [
      ['build', ['python setup.py build']],
      ['stage', ['distutils-stage.sh" python']],
      ['install', ['switch.sh" install']],
    ],
  },
}

const programs =
  'gcc g++ c++ gmake make gpatch gtar tar gzip bzip2 digest perl svcs svcadm svccfg svcprop pkg-get useradd groupadd getent elfdump'

const accelerator: Facts = {
  os: 'SunOS',
  release: '5.11',
  kernel: 'snv_67',
  machine: 'i86pc',
  node: 'server1',
  uid: 100,
  user: 'admin',
  shell: '/usr/xpg4/bin/sh',
  tools: Object.fromEntries(programs.split(' ').map((name) => [name, `/usr/bin/${name}`])),
  cpus: 4,
  memory: undefined,
  diskFree: { prefix: undefined, work: undefined },
  writable: { prefix: false, work: true },
  privilege: 'pfexec',
  supervisor: 'smf',
  packageManager: 'pkg-get',
  receipts: {},
  damagedReceipts: {},
  services: [],
  packages: [],
  jobs: [],
  journals: [],
  lock: undefined,
  date: '2007-11-24T00:00:00Z',
}

/** Scripts of each recipe's steps on a host, in order, by title. */
async function scripts(hostName: string): Promise<Map<string, [string, string][]>> {
  const folder = mkdtempSync(join(tmpdir(), 'notes-'))
  try {
    for (const name of ['recipes', 'patches']) symlinkSync(join(packageRoot, name), join(folder, name))
    copyFileSync(join(packageRoot, 'docs/examples/accelerators.yaml'), join(folder, 'hosts.yaml'))
    const project = await loadProject(folder)
    const host = project.hosts.get(hostName)
    assert.ok(host)
    const recipes = await project.recipesFor(Object.keys(host.recipes))
    const options = { recipes, only: [], by: 'test', packages: undefined }
    const { plan, context, patchContent } = await prepareHost(host, accelerator, options)
    const found = new Map<string, [string, string][]>()
    for (const action of plan.actions) {
      const source = { path: '', file: 'source.tar.gz', sha256: '0'.repeat(64), size: 0, root: 'top' }
      const parts = { attempt: 'a', token: 't', source, package: undefined, receipt: undefined, patchContent }
      const job = await makeJob(action, context, parts)
      const texts = job.files
        .filter(({ path }) => path.startsWith('steps/'))
        .map(({ content }) => String(content))
      found.set(
        action.recipe,
        job.steps.map(({ title }, index): [string, string] => [title, texts[index] ?? '']),
      )
    }
    return found
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const notes = suite("the notes' command lines")

const web = await scripts('server1')

for (const [recipe, { notes: lines, steps }] of Object.entries(expected)) {
  notes(recipe, () => {
    if (existsSync(NOTES)) {
      const text = readFileSync(NOTES, 'utf8')
      for (const line of lines) assert.ok(text.includes(line), line)
    }
    const ours = web.get(recipe) ?? []
    const building = ours.filter(([title]) => /^(patch|configure|build|stage|install)/.test(title))
    assert.equal(
      building
        .map(([title]) => title.split(' ')[0])
        .filter((title) => recipe !== 'memcached' || title !== 'stage'),
      // A package of the host has nothing of its own to put in place but its service.
      [...steps.map(([title]) => title.split(' ')[0]), ...(recipe === 'memcached' ? ['install'] : [])],
    )
    const texts = building.filter(([title]) => recipe !== 'memcached' || title !== 'stage')
    for (const [index, [, words]] of steps.entries()) {
      for (const word of words)
        assert.ok(texts[index]?.[1].includes(word), `${word}\n  in\n${texts[index]?.[1]}`)
    }
  })
}

notes('nothing of the notes is left out, and the database box builds MySQL alone', async () => {
  assert.equal([...web.keys()].sort(), Object.keys(expected).sort())
  const database = await scripts('server2')
  assert.equal([...database.keys()], ['mysql'])
  const titles = database.get('mysql')?.map(([title]) => title) ?? []
  assert.ok(titles.some((title) => title.includes('account mysql')))
  const setup = database.get('mysql')?.find(([, text]) => text.includes('mysql_install_db'))
  assert.match(setup?.[1] ?? '', /setup\.sh" \/opt\/local\/mysql\/var\/mysql/)
  assert.not.ok(web.get('mysql')?.some(([, text]) => text.includes('mysql_install_db')))
})

notes.run()
