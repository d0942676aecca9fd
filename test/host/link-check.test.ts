/** link-check.sh on real programs and libraries, compiled here, under each of the shells that hosts have. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const shells = [['dash'], ['ksh93'], ['busybox', 'sh'], ['bash', '--posix']].filter(([name]) =>
  has(name ?? ''),
)
const able = has('gcc') && has('readelf')

class Scene {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'link-check-')))
  readonly stage = join(this.folder, 'job', 'stage')
  readonly prefix = join(this.folder, 'prefix')
  readonly staged = this.stage + this.prefix

  constructor() {
    for (const root of [this.staged, this.prefix]) {
      for (const name of ['bin', 'lib', 'lib/private']) mkdirSync(join(root, name), { recursive: true })
    }
  }

  /** A library in the stage or under the prefix, by its place there. */
  library(root: string, place: string, ...flags: string[]): string {
    const path = join(root, place)
    const name = place.slice(place.lastIndexOf('/') + 1)
    this.#compile('int f(void) { return 1; }\n', [
      '-shared',
      '-fPIC',
      `-Wl,-soname,${name}`,
      '-o',
      path,
      ...flags,
    ])
    return path
  }

  program(place: string, libraries: string[], ...flags: string[]): void {
    const call =
      libraries.length > 0 ? 'int f(void); int main(void) { return f(); }' : 'int main(void) { return 0; }'
    this.#compile(`${call}\n`, ['-o', join(this.staged, place), ...libraries, ...flags])
  }

  #compile(text: string, words: string[]): void {
    const source = join(this.folder, 'source.c')
    writeFileSync(source, text)
    const { status, stderr } = spawnSync('gcc', ['-Wl,--no-as-needed', source, ...words], {
      encoding: 'utf8',
    })
    assert.is(status, 0, stderr)
  }

  check(shell: string[], environment: Record<string, string> = {}): { code: number | null; text: string } {
    const [program = 'sh', ...options] = shell
    const { status, stdout, stderr } = spawnSync(
      program,
      [...options, hostScript('link-check.sh'), this.stage, this.prefix],
      { cwd: join(this.folder, 'job'), encoding: 'utf8', env: { PATH: process.env.PATH, ...environment } },
    )
    return { code: status, text: stdout + stderr }
  }
}

for (const shell of shells) {
  const test = suite(`host/link-check.sh under ${shell.join(' ')}`)
  const inScene = (name: string, body: (scene: Scene) => void) =>
    able
      ? test(name, () => {
          const scene = new Scene()
          try {
            body(scene)
          } finally {
            rmSync(scene.folder, { recursive: true, force: true })
          }
        })
      : test.skip(`${name} (no gcc or readelf here)`)

  inScene('is content with the libraries of the system', (scene) => {
    scene.program('bin/plain', [])
    const { code, text } = scene.check(shell)
    assert.is(code, 0, text)
    assert.match(text, /^1 programs and libraries find all that they need$/m)
  })

  inScene('finds a staged library and one under the prefix through the runtime path', (scene) => {
    const staged = scene.library(scene.staged, 'lib/libstaged.so.1')
    const earlier = scene.library(scene.prefix, 'lib/libearlier.so.1')
    scene.program('bin/both', [staged, earlier], `-Wl,-R${scene.prefix}/lib`)
    const { code, text } = scene.check(shell)
    assert.is(code, 0, text)
    assert.match(text, /^2 programs/m)
  })

  inScene('follows $ORIGIN', (scene) => {
    const staged = scene.library(scene.staged, 'lib/private/libnear.so.1')
    scene.program('bin/near', [staged], '-Wl,-R$ORIGIN/../lib/private')
    assert.is(scene.check(shell).code, 0)
  })

  inScene(
    'names file, library and flag when there is no runtime path, whatever LD_LIBRARY_PATH says',
    (scene) => {
      const earlier = scene.library(scene.prefix, 'lib/private/libearlier.so.1')
      scene.program('bin/lost', [earlier])
      const { code, text } = scene.check(shell, { LD_LIBRARY_PATH: `${scene.prefix}/lib/private` })
      assert.is(code, 1)
      assert.match(
        text,
        `${scene.prefix}/bin/lost needs libearlier.so.1, which is in ${scene.prefix}/lib/private`,
      )
      assert.match(text, `LDFLAGS: -L${scene.prefix}/lib/private -Wl,-R${scene.prefix}/lib/private`)
    },
  )

  inScene('takes RPATH as well as RUNPATH, and does not take a folder that lacks the library', (scene) => {
    const staged = scene.library(scene.staged, 'lib/libstaged.so.1')
    scene.program('bin/old', [staged], '-Wl,--disable-new-dtags', `-Wl,-R${scene.prefix}/lib`)
    scene.program('bin/wrong', [staged], `-Wl,-R${scene.prefix}/lib/private:/nonexistent`)
    const { code, text } = scene.check(shell)
    assert.is(code, 1)
    assert.match(text, `${scene.prefix}/bin/wrong needs libstaged.so.1`)
    assert.not.match(text, '/bin/old needs')
  })

  inScene('does not take the system’s library for one of the prefix', (scene) => {
    scene.library(scene.prefix, 'lib/libc.so.6')
    scene.program('bin/plain', [])
    const { code, text } = scene.check(shell)
    assert.is(code, 1)
    assert.match(
      text,
      `bin/plain needs libc.so.6, which is in ${scene.prefix}/lib, and has no runtime path there`,
    )
  })

  inScene('says of a library that is nowhere that it is nowhere', (scene) => {
    const gone = scene.library(scene.folder, 'libgone.so.1')
    scene.library(scene.staged, 'lib/libuser.so.1', gone)
    const { code, text } = scene.check(shell)
    assert.is(code, 1)
    assert.match(text, `${scene.prefix}/lib/libuser.so.1 needs libgone.so.1, which is neither in the stage`)
  })

  inScene('refuses a runtime path into the folder of the build', (scene) => {
    scene.program('bin/leaking', [], `-Wl,-R${scene.folder}/job/build/lib`)
    const { code, text } = scene.check(shell)
    assert.is(code, 1)
    assert.match(text, `${scene.prefix}/bin/leaking: its runtime path has the build's own folder`)
  })

  inScene('is not misled by scripts, data, blanks in names and links', (scene) => {
    writeFileSync(join(scene.staged, 'bin/script'), '#!/bin/sh\n', { mode: 0o755 })
    writeFileSync(join(scene.staged, 'lib/notes.so.txt'), 'text')
    const staged = scene.library(scene.staged, 'lib/libstaged.so.1')
    scene.program('bin/with blank', [staged], `-Wl,-R${scene.prefix}/lib`)
    spawnSync('ln', ['-s', 'nowhere', join(scene.staged, 'lib/libdangling.so')])
    const { code, text } = scene.check(shell)
    assert.is(code, 0, text)
    assert.match(text, /^2 programs/m)
  })

  inScene('checks a stage with nothing in it', (scene) => {
    const { code, text } = scene.check(shell)
    assert.is(code, 0, text)
    assert.match(text, /^0 programs/m)
  })

  test.run()
}
