/** Why a host has a recipe in a version, and what is outdated: with real recipes and hosts.yaml. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { loadProject } from '../../runner/config/load.ts'
import { type Explanation, explain, type Wish } from '../../runner/desired/explain.ts'
import { isOutdated, type VersionRow, versionRows } from '../../runner/desired/outdated.ts'
import { hosts, project, recipe } from '../config/project.ts'
import { receipt } from '../receipts/sampleReceipt.ts'

const FACTS = { os: 'SunOS', release: '5.11', machine: 'i86pc', supervisor: 'smf' }

const needs = (name: string, range: string) => `dependencies: {${name}: "${range}"}\n`
const unverified = '  "3.2":\n    source: {url: https://x.invalid/3.2.tgz}\n'
const RECIPES = {
  'recipes/apache.yaml': recipe(needs('openssl', '<3.1'), { '2.4.57': '' }),
  'recipes/python.yaml': recipe(needs('openssl', '>=1.1'), { '3.11.2': '' }),
  'recipes/django.yaml': recipe(needs('python', '3.x'), { '5.0': '' }),
  'recipes/openssl.yaml': recipe('', { '1.1.1w': '', '3.0.11': '', '3.1.4': '' }) + unverified,
  'recipes/zlib.yaml': recipe('', { '1.3': '' }),
}

async function loaded(wanted: Record<string, string>, files: Record<string, string> = RECIPES) {
  const found = await loadProject(project({ ...files, 'hosts.yaml': hosts(wanted) }))
  const host = found.hosts.get('server1')
  if (!host) throw new Error('the test has no server1')
  return { host, recipes: await found.allRecipes() }
}

async function why(name: string, wanted: Record<string, string>): Promise<Explanation> {
  const { host, recipes } = await loaded(wanted)
  return explain(host, recipes, FACTS, name)
}

const shown = ({ by, range, wishes }: Wish): string =>
  [`${by} (${range})`, ...wishes.map((wish) => `< ${shown(wish)}`)].join(' ')

const explaining = suite('explain')

explaining('the chain of those who ask, down to hosts.yaml', async () => {
  const { version, wishes, refused } = await why('openssl', { django: '*', apache: '*' })
  assert.is(version, '3.0.11')
  assert.equal(wishes.map(shown).sort(), [
    'apache 2.4.57 (<3.1) < server1 (*)',
    'python 3.11.2 (>=1.1) < django 5.0 (3.x) < server1 (*)',
  ])
  assert.equal(refused, [
    { version: '3.2', reasons: ['apache 2.4.57 wants <3.1', 'no checksum'] },
    { version: '3.1.4', reasons: ['apache 2.4.57 wants <3.1'] },
  ])
})

explaining('a place in a file for each', async () => {
  const { wishes } = await why('openssl', { apache: '*' })
  assert.match(wishes[0]?.location.file ?? '', /recipes\/apache\.yaml$/)
  assert.is(wishes[0]?.location.line, 3)
  assert.match(wishes[0]?.wishes[0]?.location.file ?? '', /hosts\.yaml$/)
})

explaining('nobody asks', async () => {
  const { version, wishes } = await why('zlib', { apache: '*' })
  assert.is(version, undefined)
  assert.equal(wishes, [])
})

explaining('no version suits all: every version says whom it does not suit', async () => {
  const { version, refused } = await why('openssl', { apache: '*', openssl: '>=3.1' })
  assert.is(version, undefined)
  assert.equal(
    refused.map((one) => `${one.version}: ${one.reasons.join(', ')}`),
    [
      '3.2: apache 2.4.57 wants <3.1, no checksum',
      '3.1.4: apache 2.4.57 wants <3.1',
      '3.0.11: server1 wants >=3.1',
      '1.1.1w: server1 wants >=3.1',
    ],
  )
})

explaining('recipes that need each other do not keep it busy for ever', async () => {
  const files = {
    'recipes/a.yaml': recipe(needs('b', '*')),
    'recipes/b.yaml': recipe(needs('a', '*')),
  }
  const { host, recipes } = await loaded({ a: '*' }, files)
  assert.is(
    explain(host, recipes, FACTS, 'b').wishes.map(shown).join(),
    'a 1.0 (*) < server1 (*) < b 1.0 (*)',
  )
})

explaining('a wish that depends on facts is not certain without them', async () => {
  const files = {
    'recipes/a.yaml': recipe('dependencies: {b: {version: "*", when: {os: SunOS}}}\n'),
    'recipes/b.yaml': recipe(),
  }
  const { host, recipes } = await loaded({ a: '*' }, files)
  assert.is(explain(host, recipes, undefined, 'b').wishes[0]?.certain, false)
  assert.is(explain(host, recipes, FACTS, 'b').wishes[0]?.certain, true)
})

const outdating = suite('versionRows')

async function rows(
  installed: Record<string, string>,
  wanted: Record<string, string>,
): Promise<VersionRow[]> {
  const { host, recipes } = await loaded(wanted)
  const receipts = Object.entries(installed).map(
    ([name, version]) => [name, receipt(name, { version })] as const,
  )
  return versionRows(host, recipes, FACTS, Object.fromEntries(receipts))
}

const EMPTY = {
  host: 'server1',
  installed: undefined,
  wanted: undefined,
  newest: undefined,
  unverified: undefined,
}

outdating('installed, wanted, newest, and who holds it', async () => {
  assert.equal(await rows({ openssl: '1.1.1w', zlib: '1.3', gone: '1' }, { apache: '*' }), [
    { ...EMPTY, recipe: 'apache', wanted: '2.4.57', newest: '2.4.57', heldBy: [] },
    { ...EMPTY, recipe: 'gone', installed: '1', heldBy: [] },
    {
      ...EMPTY,
      recipe: 'openssl',
      installed: '1.1.1w',
      wanted: '3.0.11',
      newest: '3.1.4',
      unverified: '3.2',
      heldBy: ['apache 2.4.57 wants <3.1'],
    },
    { ...EMPTY, recipe: 'zlib', installed: '1.3', newest: '1.3', heldBy: [] },
  ])
})

for (const [name, row, answer] of [
  ['up to date', { installed: '1.3', wanted: '1.3', newest: '1.3' }, false],
  ['wanted newer', { installed: '1.2', wanted: '1.3', newest: '1.3' }, true],
  ['wanted older', { installed: '1.3', wanted: '1.2', newest: '1.3' }, true],
  ['not installed', { wanted: '1.3', newest: '1.3' }, true],
  ['held back', { installed: '1.2', wanted: '1.2', newest: '1.3' }, true],
  [
    'a newer one that nobody verified',
    { installed: '1.3', wanted: '1.3', newest: '1.3', unverified: '1.4' },
    true,
  ],
  ['an older one that nobody verified', { installed: '1.3', newest: '1.3', unverified: '1.1' }, false],
  ['newer than the recipe knows', { installed: '2.0', newest: '1.3' }, false],
  ['no recipe', { installed: '2.0' }, false],
  ...(
    [
      ['1.4', true],
      ['1.3', false],
      ['1.2', false],
    ] as const
  ).map(([version, answer]) => [
    `upstream has ${version}`,
    { installed: '1.3', wanted: '1.3', newest: '1.3', upstream: { version, from: 'x' } },
    answer,
  ]),
  [
    'upstream did not answer',
    { installed: '1.3', newest: '1.3', upstream: { reason: 'r', from: 'x' } },
    false,
  ],
] as [string, Partial<VersionRow>, boolean][]) {
  outdating(`isOutdated: ${name}`, () =>
    assert.is(isOutdated({ ...EMPTY, recipe: 'zlib', heldBy: [], ...row }), answer),
  )
}

explaining.run()
outdating.run()
