/** copy-stage.sh and distutils-stage.sh: what is copied to the stage, from real folders and a real Python. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hostScript } from '../../runner/paths.ts'

const has = (program: string) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const shells = [['dash'], ['ksh93'], ['busybox', 'sh']].filter(([name]) => has(name ?? ''))

function inSource(files: Record<string, string>, use: (source: string, stage: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'stages-'))
  try {
    const source = join(folder, 'source')
    mkdirSync(source)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(source, path)), { recursive: true })
      writeFileSync(join(source, path), text)
    }
    use(source, join(folder, 'stage with blank'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const shell of shells) {
  const [program = 'sh', ...options] = shell
  const call = (script: string, cwd: string, ...words: string[]) =>
    spawnSync(program, [...options, hostScript(script), ...words], { cwd, encoding: 'utf8' })
  const test = suite(`host stages under ${shell.join(' ')}`)

  test('copies files and what is in folders, to places that are not there yet', () =>
    inSource(
      { 'include/fmt/core.h': 'core', 'include/fmt/deep/x.h': 'x', README: 'read' },
      (source, stage) => {
        const { status, stderr } = call(
          'copy-stage.sh',
          source,
          stage,
          'include/fmt',
          'include/fmt',
          'README',
          'share/a/b',
        )
        assert.is(status, 0, stderr)
        assert.is(readFileSync(join(stage, 'include/fmt/core.h'), 'utf8'), 'core')
        assert.is(readFileSync(join(stage, 'include/fmt/deep/x.h'), 'utf8'), 'x')
        assert.is(readFileSync(join(stage, 'share/a/b'), 'utf8'), 'read')
      },
    ))

  test('names what the archive lacks', () =>
    inSource({ README: 'read' }, (source, stage) => {
      const { status, stderr } = call('copy-stage.sh', source, stage, 'READMI', 'share/readme')
      assert.is(status, 1)
      assert.match(stderr, 'READMI: no such file or folder in the archive')
    }))

  /** A Python whose site-packages is known: only what the script asks of it. */
  const pretended = (source: string, site: string) => {
    const path = join(source, 'python')
    writeFileSync(path, `#!/bin/sh\necho ${site}\n`)
    chmodSync(path, 0o755)
    return path
  }

  test('takes build/lib and build/lib.PLATFORM, whatever the platform is called, and makes no egg', () => {
    const files = {
      'build/lib/memcache.py': 'pure',
      'build/lib.solaris-2.11-i86pc-2.5/_mysql.so': 'code',
      'build/temp.solaris-2.11-i86pc-2.5/x.o': 'object',
    }
    inSource(files, (source, stage) => {
      const python = pretended(source, '/opt/local/lib/python2.5/site-packages')
      const { status, stderr } = call('distutils-stage.sh', source, python, stage)
      assert.is(status, 0, stderr)
      const site = join(stage, 'opt/local/lib/python2.5/site-packages')
      assert.is(readFileSync(join(site, 'memcache.py'), 'utf8'), 'pure')
      assert.is(readFileSync(join(site, '_mysql.so'), 'utf8'), 'code')
      assert.not(existsSync(join(site, 'x.o')))
    })
  })

  test('says when nothing was built', () =>
    inSource({ 'build/temp/x.o': 'object' }, (source, stage) => {
      const { status, stderr } = call('distutils-stage.sh', source, pretended(source, '/site'), stage)
      assert.is(status, 1)
      assert.match(stderr, 'setup.py made neither build/lib nor build/lib.PLATFORM')
    }))

  const real = has('python3') ? test : test.skip
  real('asks a real Python for its folder', () =>
    inSource({ 'build/lib/a.py': '' }, (source, stage) => {
      const asked = spawnSync('python3', ['-c', 'import sysconfig; print(sysconfig.get_path("platlib"))'], {
        encoding: 'utf8',
      })
      const { status, stderr } = call('distutils-stage.sh', source, 'python3', stage)
      assert.is(status, 0, stderr)
      assert.ok(existsSync(join(stage, asked.stdout.trim(), 'a.py')))
    }),
  )

  test.run()
}
