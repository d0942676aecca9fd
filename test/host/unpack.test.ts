import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { type ScriptFolder, scriptSuite } from './scriptTest.ts'
import { findProgram } from './shells.ts'

const { test, run } = scriptSuite('unpack.sh')

function pack(folder: ScriptFolder, archive: string, options: string[]): string {
  folder.write('from/tool-1/run', 'run', 0o755)
  folder.write("from/tool-1/it's a file", 'text')
  const { status, stderr } = spawnSync('tar', [...options, '-cf', archive, '-C', 'from', 'tool-1'], {
    cwd: folder.path,
  })
  assert.is(status, 0, String(stderr))
  return createHash('sha256')
    .update(readFileSync(folder.in(archive)))
    .digest('hex')
}

test('unpacks each kind of archive, in the place of what was there', (folder) => {
  for (const [archive, option, program] of [
    ['a.tar', '', 'tar'],
    ['a.tar.gz', '-z', 'gzip'],
    ['a.tgz', '-z', 'gzip'],
    ['a.tar.bz2', '-j', 'bzip2'],
    ['a= b.tar.xz', '-J', 'xz'],
  ] as const) {
    if (!findProgram(program)) continue
    const sum = pack(folder, archive, option ? [option] : [])
    folder.write('build/old', 'old')
    const { code, stderr } = folder.run([archive, sum, 'build'])
    assert.is(code, 0, stderr)
    assert.is(stderr, '')
    assert.is(folder.read('build/tool-1/run'), 'run')
    assert.is(folder.read("build/tool-1/it's a file"), 'text')
    assert.is(statSync(folder.in('build/tool-1/run')).mode & 0o777, 0o755)
    assert.not(existsSync(folder.in('build/old')))
  }
})

test('makes the files the user’s own, whoever packed them', (folder) => {
  const sum = pack(folder, 'a.tar.gz', ['-z', '--owner=4711', '--group=4712'])
  assert.is(folder.run(['a.tar.gz', sum, 'build']).code, 0)
  const { uid, gid } = statSync(folder.in('build/tool-1/run'))
  assert.equal([uid, gid], [process.getuid?.(), process.getgid?.()])
})

test('refuses what is not what its checksum says, before it touches anything', (folder) => {
  const sum = pack(folder, 'a.tar.gz', ['-z'])
  folder.write('build/old', 'old')
  const wrong = 'f'.repeat(64)
  const { code, stderr } = folder.run(['a.tar.gz', wrong, 'build'])
  assert.is(code, 1)
  assert.is(stderr, `a.tar.gz: its checksum is ${sum}, not ${wrong}: it changed on its way to this host\n`)
  assert.is(folder.read('build/old'), 'old')
  assert.match(folder.run(['missing.tar.gz', wrong, 'build']).stderr, /checksum is not to be had/)
})

test('fails for an archive that is none, or cut off', (folder) => {
  pack(folder, 'a.tar.gz', ['-z'])
  for (const content of [Buffer.from('no archive'), readFileSync(folder.in('a.tar.gz')).subarray(0, 60)]) {
    folder.write('b.tar.gz', content)
    const sum = createHash('sha256').update(content).digest('hex')
    assert.is.not(folder.run(['b.tar.gz', sum, 'build']).code, 0)
  }
})

test('reads the checksums of digest and openssl', (folder) => {
  const sum = pack(folder, 'a.tar.gz', ['-z'])
  folder.fake('digest', `echo "sha256 ($4) = ${sum}"`)
  folder.fake('openssl', `echo "SHA2-256($3)= ${sum}"`)
  for (const words of ['digest -v -a sha256', 'openssl dgst -sha256']) {
    const env = { ...folder.withFakes.env, BUILD_STACK_SHA256: words }
    assert.is(folder.run(['a.tar.gz', sum, 'build'], { env }).code, 0, words)
    assert.is(folder.run(['a.tar.gz', sum.replace(/^./, 'z'), 'build'], { env }).code, 1, words)
  }
  assert.equal(folder.calls()[0], 'digest <-v> <-a> <sha256> <a.tar.gz>')
})

run()
