/** Archives that are not what the recipe says, or would write where they should not: refused before a host sees them. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packTiny, type TinyPackage, tinyRecipe } from './tinyPackage.ts'
import { eventsOf, Workshop } from './workshop.ts'

const workshop = new Workshop()
workshop.write('hosts.yaml', 'hosts:\n  box:\n    address: sandbox\n    recipes:\n      tiny: "*"\n')

function described(version: string, file: string): TinyPackage {
  const path = join(workshop.archives, file)
  return { version, file, path, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') }
}

/** An archive with a good file and, by tar's own options, a bad one. */
function pack(version: string, make: (folder: string) => string[]): TinyPackage {
  const folder = mkdtempSync(join(tmpdir(), 'archives-test-'))
  const work = join(folder, 'work')
  mkdirSync(join(work, `tiny-${version}`), { recursive: true })
  writeFileSync(join(work, `tiny-${version}`, 'configure'), '#!/bin/sh\n', { mode: 0o755 })
  writeFileSync(join(folder, 'outside'), 'outside\n')
  const file = `tiny-${version}.tar.gz`
  const words = make(work)
  execFileSync('tar', ['czPf', join(workshop.archives, file), '-C', work, `tiny-${version}`, ...words])
  rmSync(folder, { recursive: true })
  return described(version, file)
}

const refused = suite('an archive')

const table: [string, () => TinyPackage, RegExp][] = [
  [
    'with another checksum',
    () => ({ ...packTiny(workshop.archives, '1.0'), sha256: 'ab'.repeat(32) }),
    /sha256[\s\S]*abababab/,
  ],
  [
    'that is cut off, with the checksum of what is left',
    () => {
      const { path, file } = packTiny(workshop.archives, '1.1')
      truncateSync(path, 600)
      return described('1.1', file)
    },
    /tiny-1\.1\.tar\.gz is refused: gzip: unexpected end of file/,
  ],
  [
    'that is a web page',
    () => {
      writeFileSync(join(workshop.archives, 'tiny-1.2.tar.gz'), '<html>404</html>\n')
      return described('1.2', 'tiny-1.2.tar.gz')
    },
    /tiny-1\.2\.tar\.gz/,
  ],
  ['with a member below ..', () => pack('1.3', () => ['../outside']), /\.\.\/outside/],
  [
    'with a member at an absolute path',
    () => pack('1.4', (work) => [join(work, '..', 'outside')]),
    /absolute|\/outside/,
  ],
  [
    'that writes through a link of its own',
    () =>
      pack('1.5', (work) => {
        mkdirSync(join(work, 'more'))
        symlinkSync('/etc', join(work, 'tiny-1.5', 'link'))
        writeFileSync(join(work, 'more', 'evil'), 'evil\n')
        return ['--transform=s,^more/,tiny-1.5/link/,', 'more/evil']
      }),
    /tiny-1\.5\/link/,
  ],
]

for (const [name, make, says] of table) {
  refused(`${name} is refused, with what is wrong in it`, async () => {
    const archive = make()
    workshop.write('recipes/tiny.yaml', tinyRecipe(archive))
    const { code, stdout } = await workshop.build('box', '--json')
    assert.is(code, 66, stdout)
    const events = eventsOf(stdout)
    const error = events.find((event) => event.error)?.error as Record<string, string>
    assert.is(error.code, 'SOURCE')
    assert.match(error.message ?? '', says)
    assert.ok(error.next)
    assert.not.ok(events.some((event) => ['upload', 'job'].includes(event.type)))
    assert.equal(workshop.prefix('box'), [])
    assert.not.ok(existsSync(join(workshop.root('box'), 'var/tmp/build-stack/jobs')))
  })
}

refused('that nobody has, and no place to fetch it from, says where to get it', async () => {
  workshop.write(
    'recipes/tiny.yaml',
    tinyRecipe({ version: '9.9', file: 'tiny-9.9.tar.gz', path: '', sha256: 'cd'.repeat(32) }),
  )
  const { code, stdout } = await workshop.build('box')
  assert.is(code, 66)
  assert.match(stdout, /127\.0\.0\.1:9\/tiny-9\.9\.tar\.gz/)
  assert.match(stdout, /next: /)
})

refused.after(() => workshop.close())
refused.run()
