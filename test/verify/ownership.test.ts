/** owns.sh and what is made of its answer, on trees that the real switch.sh installed, under each of the shells. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { BuildStackError } from '../../runner/errors.ts'
import { type Ownership, ownershipOf, ownsCommand } from '../../runner/verify/ownership.ts'
import { type Shell, shells } from '../host/shells.ts'
import { SwitchWorld } from '../host/switchWorld.ts'
import { file, folder, link } from '../host/trees.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { factsWith, run } from './look.ts'

const PATH = ['/usr/bin', '/bin', '/usr/sbin', '/sbin']

function owners(
  shell: Shell,
  prefix: string,
  asked: string[],
  facts = factsWith([receipt('tool')]),
): Ownership[] {
  const host = { name: 'box', prefix, path: PATH }
  const output = run(shell, ownsCommand(host, { ...facts, shell: shell.path }, asked))
  return ownershipOf(host, facts, asked, output)
}

/** "RECIPE WHAT: DIFFERENCES" of the owners. */
const brief = ({ owners }: Ownership) =>
  owners
    .map(({ recipe, what, differences, files }) => {
      const state = differences === undefined ? '?' : differences.join(', ') || 'as installed'
      return `${recipe} ${what}${files === undefined ? '' : ` of ${files}`}: ${state}`
    })
    .join('; ')

for (const shell of shells) {
  const test = suite(`owns under ${shell.name}`)

  test('files, links, folders, definitions, configuration files, and what is nobody’s', () => {
    const world = new SwitchWorld()
    try {
      const { prefix } = world
      world.put(shell, {
        bin: folder({ tool: file('x', 0o755), 'it’s -> $(b)': link('tool') }),
        lib: folder({ deep: folder({ a: file('a'), b: file('b') }) }),
        empty: folder({}),
      })
      world.put(shell, { svc: folder({ 'tool.xml': file('<x/>') }) }, 'tool.services')
      world.put(shell, { lib: folder({ other: file('o') }) }, 'other')
      writeFileSync(join(prefix, 'lib/deep/a'), 'changed')
      rmSync(join(prefix, 'lib/deep/b'))
      const config = join(prefix, 'etc/tool.conf')
      const pristine = join(prefix, 'var/build-stack/config/tool')
      mkdirSync(join(prefix, 'etc'))
      mkdirSync(pristine, { recursive: true })
      writeFileSync(config, 'mine')
      writeFileSync(join(pristine, encodeURIComponent(config)), 'theirs')
      const inputs = { build: {}, files: { [config]: 'hash' }, services: {} }
      const facts = factsWith([receipt('tool', { inputs }), receipt('other')])
      const asked = [
        'bin/tool',
        `${prefix}/bin/../bin/it’s -> $(b)`,
        'lib/deep/a',
        'lib/deep/b',
        'lib/',
        'empty',
        'svc/tool.xml',
        'etc/tool.conf',
        'bin/toool',
        'lib/tool',
        '/usr/bin/env',
      ]
      const found = owners(shell, prefix, asked, facts)
      assert.equal(
        found.map(({ owners: list, near, ...one }) =>
          list.length > 0
            ? brief({ owners: list, near, ...one })
            : near.map((path) => path.replace(`${prefix}/`, '')),
        ),
        [
          'tool file: as installed',
          'tool link: as installed',
          'tool file: content (1 -> 7 bytes)',
          'tool file: it is not there',
          'other folder of 1: ?; tool folder of 2: ?',
          'tool folder of 0: as installed',
          'tool service definition: as installed',
          'tool configuration file: changed by an administrator',
          ['bin/tool'],
          ['bin/tool'],
          [],
        ],
      )
      assert.is(found[0]?.path, `${prefix}/bin/tool`)
      assert.is(found[0]?.owners[0]?.receipt?.version, '1.0')
    } finally {
      world.close()
    }
  })

  test('without records everything is nobody’s', () => {
    const world = new SwitchWorld({ bin: folder({ tool: file('x') }) })
    try {
      assert.equal(owners(shell, world.prefix, ['bin/tool'], factsWith([]))[0]?.owners, [])
    } finally {
      world.close()
    }
  })

  test.run()
}

const words = suite('owns: words')

for (const path of ['.', '/opt/local/', 'bin/..', 'a\nb']) {
  words(`${JSON.stringify(path)} is no path below the prefix`, () => {
    const host = { name: 'box', prefix: '/opt/local', path: PATH }
    assert.throws(
      () => ownsCommand(host, factsWith([]), [path]),
      (error: unknown) => error instanceof BuildStackError && error.code === 'USAGE',
    )
  })
}

words.run()
