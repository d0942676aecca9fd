import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { floorProblem } from '../../runner/packages/floor.ts'
import { cpuNames, cpuOfFlags } from '../../runner/probe/cpuNames.ts'

const test = suite('packages/floor')

const cases: [string, string[], string[] | undefined, RegExp | undefined][] = [
  ['the same version', ['GLIBC_2.34'], ['GLIBC_2.34'], undefined],
  ['a newer host', ['GLIBC_2.9'], ['GLIBC_2.34'], undefined],
  ['an older host', ['GLIBC_2.34'], ['GLIBC_2.9'], /^glibc 2\.34, and the host has glibc 2\.9$/],
  ['more parts', ['GLIBC_2.2.5'], ['GLIBC_2.2'], /2\.2\.5/],
  ['illumos goes on where Sun ended', ['SUNW_1.23'], ['ILLUMOS_0.41', 'SUNWprivate_1.1'], undefined],
  ["Sun's own has none of illumos'", ['ILLUMOS_0.1'], ['SUNW_1.23'], /libc ILLUMOS_0\.1/],
  ['a host that does not say', ['GLIBC_2.34'], undefined, /does not say/],
  ['a package that needs nothing', [], undefined, undefined],
]
for (const [name, libc, host, problem] of cases) {
  test(`libc: ${name}`, () => {
    const found = floorProblem({ libc, cpu: [] }, host ? { libc: host } : {})
    if (problem) assert.match(found ?? '', problem)
    else assert.is(found, undefined)
  })
}

test('a processor has to have all that is needed', () => {
  const floor = { libc: [], cpu: ['x86-64-v2', 'x86-64-v3'] }
  assert.is(floorProblem(floor, { cpu: ['x86-64-v2', 'x86-64-v3', 'x86-64-v4'] }), undefined)
  assert.match(floorProblem(floor, { cpu: ['x86-64-v2'] }) ?? '', /a processor with x86-64-v3/)
  assert.match(floorProblem(floor, {}) ?? '', /does not say/)
})

test('a package of before this was recorded goes everywhere', () =>
  assert.is(floorProblem(undefined, {}), undefined))

test('levels from the flags of /proc/cpuinfo, names from isainfo', () => {
  const v2 = 'fpu cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3'
  assert.equal(cpuNames('fpu sse2'), [])
  assert.equal(cpuNames(v2), ['x86-64-v2'])
  assert.equal(cpuNames(`${v2} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave`), ['x86-64-v2', 'x86-64-v3'])
  assert.equal(cpuNames('avx avx2 bmi1 bmi2 f16c fma abm movbe xsave'), [])
  assert.equal(cpuNames('64-bit amd64 applications  avx sse4.2 32-bit i386 applications  avx sse'), [
    'avx',
    'sse4.2',
    'sse',
  ])
})

test('flags that name a processor: a level by its name, another for what this host has', () => {
  assert.equal(cpuOfFlags(['-O2 -g'], ['x86-64-v2']), [])
  assert.equal(cpuOfFlags(['-O2 -march=x86-64-v3'], ['x86-64-v2']), ['x86-64-v3'])
  assert.equal(cpuOfFlags(['-march=x86-64'], ['x86-64-v2']), [])
  assert.equal(cpuOfFlags(['CFLAGS=-march=native'], ['x86-64-v2', 'x86-64-v3']), ['x86-64-v2', 'x86-64-v3'])
})

test.run()
