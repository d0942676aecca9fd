/** floor.sh, on programs of this machine and on what other readers print. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { scriptSuite } from './scriptTest.ts'

const { test, run } = scriptSuite('floor.sh')

test('a tree without programs needs nothing', (folder) => {
  folder.write('stage/etc/text', 'GLIBC_9.9')
  assert.is(folder.run(['stage']).stdout, '{"libc":[],"cpu":[]}\n')
})

test('a compiled program needs its newest symbol, and the level that its notes say', (folder) => {
  folder.write('a.c', 'int main(void) { return 0; }\n')
  mkdirSync(folder.in('stage/bin'), { recursive: true })
  const gcc = (...words: string[]) => execFileSync('gcc', [folder.in('a.c'), ...words])
  gcc('-o', folder.in('stage/bin/plain'))
  const plain = JSON.parse(folder.run(['stage']).stdout)
  assert.match(plain.libc.join(), /^GLIBC_2\.\d+$/)
  assert.equal(plain.cpu, [])
  if (process.arch !== 'x64') return
  gcc('-Wl,-z,x86-64-v3', '-o', folder.in('stage/bin/newer'))
  assert.equal(JSON.parse(folder.run(['stage']).stdout), { ...plain, cpu: ['x86-64-v2', 'x86-64-v3'] })
})

test('what the compiler was told counts, and only words become JSON', (folder) => {
  mkdirSync(folder.in('stage'))
  const { stdout } = folder.run(['stage', 'x86-64-v2', 'avx', 'a"b', 'x86-64'])
  assert.is(stdout, '{"libc":[],"cpu":["avx","x86-64-v2"]}\n')
})

test('versions are numbers, definitions are no needs, and packed relocations stand for 2.36', (folder) => {
  folder.write('stage/bin/tool', '', 0o755)
  const printed = (text: string) => {
    folder.fake('readelf', `cat '${folder.write('text', text)}'`)
    return JSON.parse(folder.run(['stage'], folder.withFakes).stdout).libc
  }
  const needs = (...names: string[]) =>
    `Version needs section '.gnu.version_r' contains 1 entry:\n${names.map((name) => `  0x0010:   Name: ${name}  Flags: none  Version: 4\n`).join('')}`
  assert.equal(printed(needs('GLIBC_2.9', 'GLIBC_2.34', 'GLIBC_2.2.5', 'GLIBC_PRIVATE')), ['GLIBC_2.34'])
  assert.equal(printed(needs('GLIBC_2.17', 'GLIBC_ABI_DT_RELR')), ['GLIBC_2.36'])
  assert.equal(
    printed(`Version definition section '.gnu.version_d'\n  Name: GLIBC_2.40\n${needs('GLIBC_2.4')}`),
    ['GLIBC_2.4'],
  )
})

test("Solaris' elfdump: versions of both families, and hardware by its names", (folder) => {
  folder.write('stage/lib/libx.so.1', '')
  const text = folder.write(
    'text',
    [
      'Version Definition Section:  .SUNW_version',
      '     [1]  libx.so.1  SUNW_9.9  [ BASE ]',
      'Version Needed Section:  .SUNW_version',
      '     [2]  libc.so.1  ILLUMOS_0.13',
      '                     SUNW_1.22.5',
      'Capabilities Section:  .SUNW_cap',
      '     [0]  CA_SUNW_HW_1  0x7800  [ SSE4.1 AVX ]',
      '',
    ].join('\n'),
  )
  folder.fake('elfdump', `cat '${text}'`)
  for (const name of ['find', 'sort', 'awk', 'cat', 'rm', 'sed']) {
    const path = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim()
    copyFileSync(path, folder.in('bin', name))
    execFileSync('chmod', ['755', folder.in('bin', name)])
  }
  const { stdout, stderr } = folder.run(['stage'], { env: { PATH: folder.in('bin') } })
  assert.is(stderr, '')
  assert.equal(JSON.parse(stdout), { libc: ['ILLUMOS_0.13', 'SUNW_1.22.5'], cpu: ['avx', 'sse4.1'] })
})

run()
