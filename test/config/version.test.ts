import fc from 'fast-check'
import semverCompare from 'semver/functions/compare.js'
import semverSatisfies from 'semver/functions/satisfies.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compareVersions, isVersion, satisfies, validRange } from '../../runner/config/version.ts'

const order = suite('versions: the order of real ones')
const ASCENDING = [
  ['0.9.7-beta1', '0.9.7', '0.9.7a', '0.9.7l', '0.9.7m', '0.9.8-beta2', '0.9.8', '0.9.10'],
  ['1.0.2', '1.0.2y', '1.0.2z', '1.0.2za', '1.0.2zg', '1.1.0'],
  ['5.0.45', '5.0.51', '5.0.51a', '5.1.0'],
  ['1.4.6', '1.4.6-1', '1.4.6-2', '1.4.6-10', '1.4.7'],
  ['1.4.13-stable', '1.4.14a-stable', '1.4.14b-stable', '1.4.15-stable', '2.1.12-stable'],
  ['2.0a1', '2.0b2', '2.0b3', '2.0b10', '2.0rc1', '2.0', '2.0.1'],
  ['2.0-alpha', '2.0-beta', '2.0-rc1', '2.0-rc2', '2.0-rc10', '2.0'],
  ['3.0.0-alpha2', '3.0.0-alpha10', '3.0.0-beta1', '3.0.0'],
  ['1.2.3-alpha', '1.2.3-alpha.1', '1.2.3-beta', '1.2.3', '1.2.4'],
  ['2.5', '2.5.1', '2.9', '2.10', '10.0'],
  ['9.0.0', '9.0.1', '9.0.1p1', '9.0.1p2', '9.0.1p10', '9.0.2'],
  ['9.9.9', '9.9.9-P1', '9.9.9-P2', '9.9.10'],
  ['3.5.0', '3.5.0.5', '3.5.0.12', '3.5.1'],
  ['9', '20231231', '20240101', '20240101123456789012', '20240101123456789013'],
  ['2023c', '2024a', '2024b'],
  ['2.0~rc1', '2.0', '2.0_1', '2.0_2'],
  ['0.12', '0.12.r1201', '0.12.r1202', '0.13'],
]
for (const versions of ASCENDING) {
  order(versions.join(' < '), () => {
    for (const [i, a] of versions.entries()) {
      for (const [j, b] of versions.entries()) {
        assert.is(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} against ${b}`)
      }
    }
  })
}

const SAME = [
  ['2.5', '2.5.0', '2.5.0.0', 'v2.5'],
  ['2.1.12', '2.1.12-stable', '2.1.12-release', '2.1.12.GA'],
  ['1.02', '1.2'],
  ['2.0b3', '2.0-beta3', '2.0.beta.3'],
  ['9.9.9p1', '9.9.9-P1', '9.9.9-pl1'],
  ['1.0.0', '1.0.0+build.5'],
]
for (const versions of SAME) {
  order(versions.join(' = '), () => {
    for (const a of versions) for (const b of versions) assert.is(compareVersions(a, b), 0, `${a} ${b}`)
  })
}

for (const text of [
  '',
  'x',
  '1.x',
  '1.2.x',
  '*',
  '^1',
  '>=1',
  '1..2',
  '1.2 ',
  '1/2',
  '../1',
  '1.2.3$(id)',
  '1\n2',
  '-1',
])
  order(`${JSON.stringify(text)} is not a version`, () => assert.not(isVersion(text)))

order('what is not a version is not compared', () => {
  assert.throws(() => compareVersions('1.0', 'latest'), /"latest" is not a version/)
})
order.run()

const properties = suite('versions: a total order')
const number = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 30 }))
const numbers = fc.array(number, { minLength: 1, maxLength: 4 }).map((list) => list.join('.'))
const suffix = fc.constantFrom(
  ...[
    '',
    '',
    'a',
    'b',
    'm',
    'zg',
    'p1',
    'p2',
    'b3',
    'rc1',
    'rc10',
    '-1',
    '-2',
    '-0',
    '-stable',
    '-rc1',
    '-rc.1',
    '-beta',
  ],
  ...[
    '-alpha2',
    '-P1',
    '_1',
    '~rc1',
    'a-stable',
    '+b1',
    '-1+x',
    'b3-1',
    '.GA',
    '-x.7.z',
    '-1.x',
    '.dev2',
    '-p1',
  ],
)
const version = fc.tuple(numbers, suffix).map((parts) => parts.join(''))

properties('every one made is a version', () => {
  fc.assert(fc.property(version, (a) => isVersion(a)))
})
properties('antisymmetric, and equal to itself', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      assert.is(compareVersions(a, a), 0)
      assert.is(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)), 0)
    }),
    { numRuns: 2000 },
  )
})
properties('transitive, equality included', () => {
  fc.assert(
    fc.property(version, version, version, (...three) => {
      const [a, b, c] = three.sort(compareVersions) as [string, string, string]
      assert.ok(compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0 && compareVersions(a, c) <= 0)
      if (compareVersions(a, b) === 0) {
        assert.is(Math.sign(compareVersions(a, c)), Math.sign(compareVersions(b, c)))
      }
    }),
    { numRuns: 5000 },
  )
})

/** Without what we order differently on purpose: all-digit suffixes, words of release and patch, digits in words. */
const word = fc.constantFrom('alpha', 'beta', 'rc', 'x', 'dev', 'Y', 'foo-bar')
const semverVersion = fc
  .tuple(
    fc.tuple(number, number, number),
    fc.option(fc.tuple(word, fc.array(fc.oneof(word, number), { maxLength: 3 }))),
  )
  .map(([release, pre]) => release.join('.') + (pre ? `-${[pre[0], ...pre[1]].join('.')}` : ''))

properties('agrees with semver on semantic versions', () => {
  fc.assert(
    fc.property(semverVersion, semverVersion, (a, b) => {
      assert.is(Math.sign(compareVersions(a, b)), semverCompare(a, b))
    }),
    { numRuns: 5000 },
  )
})

const partial = fc.array(number, { minLength: 1, maxLength: 3 }).map((list) => list.join('.'))
const simple = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '^', '~', '>=', '<=', '>', '<', '='), fc.oneof(partial, semverVersion))
    .map((x) => x.join('')),
  fc.tuple(number, number).map(([a, b]) => `${a}.${b}.x`),
  fc.constantFrom('*', 'x', '1.*', '>= 1.2', '^ 2', '0.x'),
)
const range = fc.oneof(
  fc
    .array(fc.array(simple, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })
    .map((sets) => sets.map((set) => set.join(' ')).join(' || ')),
  fc.tuple(partial, partial).map((ends) => ends.join(' - ')),
)
properties('ranges mean what they mean to semver', () => {
  fc.assert(
    fc.property(semverVersion, range, (a, text) => {
      assert.ok(validRange(text), text)
      assert.is(satisfies(a, text), semverSatisfies(a, text), `${a} in ${text}`)
    }),
    { numRuns: 5000 },
  )
})
properties.run()

const ranges = suite('versions: ranges')
const CASES: [range: string, yes: string[], no: string[]][] = [
  ['>=0.9.7l <0.9.8', ['0.9.7l', '0.9.7m', '0.9.7zz'], ['0.9.7', '0.9.7k', '0.9.8', '0.9.8a', '0.9.8-beta1']],
  ['0.9.x', ['0.9.7m', '0.9.8', '0.9.12'], ['0.10.0', '0.8.9z']],
  ['^2.1', ['2.1', '2.1.12-stable', '2.2'], ['2.0.22-stable', '3.0', '2.1-rc1', '3.0-rc1']],
  ['~1.6.18', ['1.6.18', '1.6.18-1', '1.6.39'], ['1.6.17', '1.7.0', '1.7']],
  ['~0.9.7m', ['0.9.7m', '0.9.8'], ['0.9.7l', '0.10.0']],
  ['^0.9.7m', ['0.9.7m', '0.9.7n', '0.9.8'], ['0.9.7l', '0.10.0']],
  ['2.1.12-stable', ['2.1.12-stable', '2.1.12'], ['2.1.11-stable', '2.1.13']],
  ['2.1.12', ['2.1.12-stable'], ['2.1.12-1', '2.1.12a']],
  ['5.0.x', ['5.0.45', '5.0.51a'], ['5.1.0', '4.1.22']],
  ['1.4.6-2', ['1.4.6-2'], ['1.4.6', '1.4.6-1', '1.4.6-3']],
  ['>1.4.6-1', ['1.4.6-2', '1.4.7'], ['1.4.6-1', '1.4.6']],
  ['2.5', ['2.5', '2.5.1'], ['2.6', '2.4.9']],
  ['2.5.0', ['2.5'], ['2.5.1']],
  ['*', ['0.0.1', '20240101', '1.4.6-2'], ['2.0-rc1']],
  ['2.0-rc1', ['2.0-rc1', '2.0rc1'], ['2.0', '2.0-rc2']],
  ['>=2.0-rc1', ['2.0-rc1', '2.0-rc10', '2.0', '2.1'], ['2.0-beta1', '2.1-rc1']],
  ['>=3.0-alpha <3.0', [], ['3.0-beta', '3.0']],
  ['2.0b3', ['2.0b3'], ['2.0', '2.0b2']],
  ['2.0-rc1 *', ['2.0-rc1'], ['2.0', '2.0-rc2']],
  ['3.5.0.x', ['3.5.0', '3.5.0.5', '3.5.0.12'], ['3.5.1', '3.4.9.9']],
  ['^3.5.0.5', ['3.5.0.5', '3.6'], ['3.5.0.4', '4.0']],
  ['1.0.2zg', ['1.0.2zg'], ['1.0.2z', '1.0.2zh']],
  ['20240101', ['20240101'], ['20240102']],
  ['20240101123456789012', ['20240101123456789012'], ['20240101123456789013']],
  ['1.2 - 2.3', ['1.2', '2.3.9'], ['2.4', '1.1.9']],
  ['0.9.7l - 0.9.7n', ['0.9.7l', '0.9.7m', '0.9.7n'], ['0.9.7k', '0.9.8']],
  ['<1 || >=2', ['0.9.7m', '2.5'], ['1.0', '1.9z']],
]
for (const [text, yes, no] of CASES) {
  ranges(text, () => {
    assert.ok(validRange(text))
    for (const one of yes) assert.ok(satisfies(one, text), `${one} should be in ${text}`)
    for (const one of no) assert.not(satisfies(one, text), `${one} should not be in ${text}`)
  })
}
for (const text of [
  '',
  ' ',
  'latest',
  '>=',
  '^',
  '1.2 -',
  '>>1',
  '1.2.3 foo',
  '|| 1',
  '1 ||',
  '=>1',
  '>=1,<2',
  '$(id)',
])
  ranges(`${JSON.stringify(text)} is not a range`, () => assert.not(validRange(text)))
ranges.run()
