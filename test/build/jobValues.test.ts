/** Every value of a recipe that reaches a shell arrives as it is: the steps of a job are run, with programs that note what they get. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram, shells } from '../host/shells.ts'
import { sampleFacts } from '../plan/planned.ts'
import { jobOf, textOf, writeJob } from './jobs.ts'

const test = suite('build/job: values')

const ODD = [
  "it's",
  'a  b',
  ' lead and trail ',
  '$(touch HIT)',
  '`touch HIT`',
  '; touch HIT;',
  '&& touch HIT',
  'a\nb\n',
  'back\\slash\\',
  '\\n',
  '!x !!',
  'größe ☃',
  '"q"',
  '*',
  '[a-z]',
  '',
  '-n',
  '--',
  '~',
  '$HOME',
  '#no',
  '&',
  '|',
  '<x',
  '\t',
  '%s%d',
  'A=b',
  '{a,b}',
  '^',
]

/** A command's words are not blank: that is refused before. */
const WORDS = ODD.filter((word) => word.trim() !== '')

interface World {
  folder: string
  prefix: string
  work: string
  bin: string
}

/** Notes its words and its environment, each ended by a NUL. */
const noting = (folder: string, name: string) =>
  `#!/bin/sh\nfor word in "$@"; do printf '%s\\0' "$word"; done >>'${folder}/${name}.argv'\nenv -0 >'${folder}/${name}.env'\n`

const read = (world: World, name: string) => readFileSync(join(world.folder, name), 'utf8')
const words = (world: World, name: string) => read(world, `${name}.argv`).split('\0').slice(0, -1)
const environment = (world: World, name: string): Record<string, string> =>
  Object.fromEntries(
    read(world, `${name}.env`)
      .split('\0')
      .slice(0, -1)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )

function archive(world: World, directory: string) {
  const top = join(world.folder, 'source/tool-1.0', directory)
  mkdirSync(top, { recursive: true })
  writeFileSync(join(top, 'configure'), noting(world.folder, 'configure'), { mode: 0o755 })
  writeFileSync(join(world.folder, 'source/tool-1.0/text'), 'before\n')
  const path = join(world.folder, 'tool.tar')
  assert.is(spawnSync('tar', ['-cf', path, '-C', join(world.folder, 'source'), 'tool-1.0']).status, 0)
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex')
  return { path, file: 'tool.tar', sha256, size: statSync(path).size }
}

/** As the host's: make, and what makes accounts. */
function programs({ folder, bin, prefix }: World): void {
  mkdirSync(bin)
  const program = (name: string, text: string) => writeFileSync(join(bin, name), text, { mode: 0o755 })
  const dump = noting(folder, 'dump').replaceAll('$', '\\$')
  program(
    'gmake',
    `${noting(folder, 'gmake')}for word in "$@"; do
  case $word in DESTDIR=*) mkdir -p "\${word#DESTDIR=}${prefix}/bin" && cat >"\${word#DESTDIR=}${prefix}/bin/dump" <<END
${dump}printf '%s\\\\n' "\\$1"
END
  chmod 755 "\${word#DESTDIR=}${prefix}/bin/dump" ;;
  esac
done
`,
  )
  program('getent', '#!/bin/sh\nexit 2\n')
  for (const name of ['useradd', 'groupadd']) program(name, noting(folder, name))
}

for (const shell of shells) {
  test(`arrive as they are (${shell.name})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'build-stack-values-'))
    const world: World = {
      folder,
      prefix: join(folder, 'prefix'),
      work: join(folder, 'work'),
      bin: join(folder, 'bin'),
    }
    try {
      programs(world)
      mkdirSync(world.prefix)
      const directory = `it's $(touch HIT) a  b`
      const creates = join(folder, `made $(touch HIT) it's`)
      const env = Object.fromEntries(ODD.map((value, i) => [`V${i}`, value]))
      const content = ODD.join('\n')
      const path = ODD.filter((text) => !/[\n~]|^$/.test(text) && !text.includes('..'))
        .join('')
        .replaceAll('/', '')
      const recipe = {
        summary: 'x',
        system: 'autotools',
        directory,
        configure: ODD,
        make: ODD,
        install: ['install', ...ODD],
        env,
        patches: [{ file: "tool/it's $(touch HIT).patch" }],
        accounts: [{ name: 'tool', comment: ODD.filter((text) => !text.includes('\n')).join('') }],
        files: [{ path: `etc/${path}`, content }],
        setup: [
          {
            title: `t ${ODD.join('')}`,
            command: ['sh', '-c', 'touch "$1"; shift; dump2 "$@"', 'sh', creates, ...WORDS],
            creates,
          },
        ],
        smoke: [{ command: ['${prefix}/bin/dump', ...WORDS], stdout: "^it's$" }],
        versions: { '1.0': { source: { url: 'https://x.invalid/tool.tar', sha256: 'e'.repeat(64) } } },
      }
      writeFileSync(join(world.bin, 'dump2'), noting(folder, 'setup'), { mode: 0o755 })
      const files = {
        'hosts.yaml': JSON.stringify({
          defaults: { prefix: world.prefix, work: world.work, path: [world.bin, '/usr/bin', '/bin'] },
          hosts: { server1: { address: 'x', recipes: { tool: '1.0' } } },
        }),
        'recipes/tool.yaml': JSON.stringify(recipe),
        "patches/tool/it's $(touch HIT).patch": '--- a/text\n+++ b/text\n@@ -1 +1 @@\n-before\n+after\n',
      }
      const facts = sampleFacts({
        shell: shell.path,
        tools: { gmake: join(world.bin, 'gmake'), sha256sum: findProgram('sha256sum') as string },
        privilege: 'none',
        supervisor: undefined,
      })
      const job = await jobOf('tool', files, {
        facts,
        archive: archive(world, directory),
        root: 'tool-1.0',
        by: ODD.join(''),
      })
      writeJob(job, job.folder)
      mkdirSync(join(job.folder, 'tmp'))
      for (const { name } of job.steps) {
        // As job.sh starts them: nothing of this process's environment is needed.
        const { status, stderr, stdout } = spawnSync(shell.path, [`steps/${name}.sh`], {
          cwd: job.folder,
          env: { PATH: '/usr/bin:/bin' },
          encoding: 'utf8',
        })
        assert.is(status, 0, `${name}: ${stdout}${stderr}`)
        if (name.includes('patch')) {
          assert.is(readFileSync(join(world.work, 'builds/tool-1.0/build/tool-1.0/text'), 'utf8'), 'after\n')
        }
      }
      assert.equal(words(world, 'configure'), [`--prefix=${world.prefix}`, ...ODD])
      assert.equal(words(world, 'gmake'), [
        '-j4',
        ...ODD,
        'install',
        ...ODD,
        `DESTDIR=${world.work}/builds/tool-1.0/stage`,
      ])
      for (const program of ['configure', 'gmake']) {
        const found = environment(world, program)
        for (const [name, value] of Object.entries(env)) assert.is(found[name], value, `${program}: ${name}`)
        assert.is(found.PATH, `${world.prefix}/bin:${world.prefix}/sbin:${world.bin}:/usr/bin:/bin`)
      }
      // In the stage and in place.
      assert.equal(words(world, 'dump'), [...WORDS, ...WORDS])
      assert.equal(words(world, 'setup'), WORDS)
      assert.is(words(world, 'useradd').at(-2), recipe.accounts[0]?.comment)
      assert.is(readFileSync(join(world.prefix, 'etc', path), 'utf8'), content)
      const receipt = JSON.parse(
        readFileSync(join(world.prefix, 'var/build-stack/receipts/tool.json'), 'utf8'),
      )
      assert.equal(receipt.inputs, JSON.parse(textOf(job, 'receipt.json')).inputs)
      assert.is(receipt.installedBy, ODD.join(''))
      assert.match(receipt.installedAt, /^\d{4}-\d\d-\d\dT/)
      assert.is(spawnSync('find', [folder, '/tmp/HIT', '-name', 'HIT'], { encoding: 'utf8' }).stdout, '')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}

test.run()
