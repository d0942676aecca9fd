import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import { BuildStackError } from '../../runner/errors.ts'
import { type KeptPackage, planRollback } from '../../runner/plan/rollback.ts'
import type { Receipt } from '../../runner/receipts/receipt.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { sampleFacts } from './planned.ts'
import { sampleAction } from './sampleAction.ts'

const test = suite('plan/rollback')
const host = { name: 'server1', prefix: '/opt/local' } as Host

/** "lib 1.0" that offers libx.so.1, or is linked to another's. */
function made(name: string, links: Partial<NonNullable<Receipt['links']>> = {}): Receipt {
  const [recipe = '', version = ''] = name.split(' ')
  const full = { needs: {}, provides: [], ...links }
  const dependencies = Object.fromEntries(Object.values(full.needs).map((owner) => [owner, '1.0']))
  return receipt(recipe, { version, links: full, dependencies, package: `${recipe}-${version}` })
}

function kept(...receipts: Receipt[]): KeptPackage[] {
  return receipts.map((one) => ({
    name: one.package as string,
    info: {
      format: 1,
      recipe: one.recipe,
      version: one.version,
      receipt: one,
      build: sampleAction(`${one.recipe} ${one.version}`, 'install').build,
    },
  }))
}

function planned(
  installed: Receipt[],
  packages: Receipt[],
  recipe: string,
  to?: string,
  facts = {},
): string[] {
  const receipts = Object.fromEntries(installed.map((one) => [one.recipe, one]))
  const { plan } = planRollback(
    host,
    sampleFacts({ receipts, ...facts }),
    kept(...packages),
    [{ recipe, to }],
    () => [],
  )
  return plan.actions.map(({ recipe, version, reasons }) => `${recipe} ${version}: ${reasons.join('; ')}`)
}

function refused(code: string, message: RegExp, ...words: Parameters<typeof planned>): void {
  assert.throws(
    () => planned(...words),
    (error: BuildStackError) =>
      error instanceof BuildStackError && error.code === code && message.test(error.message),
  )
}

const lib1 = made('lib 1.0', { provides: ['libx.so.1'] })
const lib2 = made('lib 2.0', { provides: ['libx.so.2'] })
const tool1 = made('tool 1.0', { needs: { 'libx.so.1': 'lib' } })
const tool2 = made('tool 2.0', { needs: { 'libx.so.2': 'lib' } })

test('the newest package that is not the installed one; another by its version or name', () => {
  const [one, two, three] = ['1.0', '2.0', '3.0'].map((version) => made(`tool ${version}`)) as [
    Receipt,
    Receipt,
    Receipt,
  ]
  assert.match(planned([three], [three, two, one], 'tool').join(), /^tool 2\.0: asked for/)
  assert.match(planned([three], [three, two, one], 'tool', '1.0').join(), /^tool 1\.0/)
  assert.match(planned([three], [three, two, one], 'tool', 'tool-1.0').join(), /^tool 1\.0/)
})

test('what is linked to the newer library goes back with it, after it', () => {
  assert.equal(planned([tool2, lib2], [tool2, lib2, tool1, lib1], 'lib'), [
    `lib 1.0: asked for: back to the package of ${lib1.installedAt}`,
    'tool 1.0: goes along: libx.so.2 is gone with lib 1.0',
  ])
})

test('the older library comes back with what is linked to it, before it', () => {
  assert.equal(planned([tool2, lib2], [tool2, lib2, tool1, lib1], 'tool'), [
    'lib 1.0: goes along: tool 1.0 needs libx.so.1',
    `tool 1.0: asked for: back to the package of ${tool1.installedAt}`,
  ])
})

test('a service comes back before those that require it, in whatever order they are asked for', () => {
  const serving = (name: string, ...requires: string[]) => ({
    ...made(name),
    services: [{ fmri: `svc:/${name.split(' ')[0]}`, manifest: '', requires }],
  })
  const versions = ['2.0', '1.0'].flatMap((version) => [
    serving(`web ${version}`, 'svc:/db'),
    serving(`db ${version}`),
  ])
  const receipts = Object.fromEntries(versions.slice(0, 2).map((one) => [one.recipe, one]))
  for (const names of [
    ['web', 'db'],
    ['db', 'web'],
  ]) {
    const wishes = names.map((recipe) => ({ recipe, to: undefined }))
    const { plan } = planRollback(host, sampleFacts({ receipts }), kept(...versions), wishes, () => [])
    assert.equal(
      plan.actions.map(({ recipe, version }) => `${recipe} ${version}`),
      ['db 1.0', 'web 1.0'],
    )
  }
})

test('a library that keeps its name takes nobody along', () => {
  const same = made('lib 2.0', { provides: ['libx.so.1'] })
  assert.is(planned([tool1, same], [same, tool1, lib1], 'lib').length, 1)
})

test('the way is not half gone: without a package that fits, nothing is planned', () => {
  refused(
    'DEPENDENCY',
    /tool 2\.0 needs libx\.so\.2, which lib 1\.0 lacks/,
    [tool2, lib2],
    [tool2, lib2, lib1],
    'lib',
  )
})

test('what was broken before is not the matter of this rollback', () => {
  const broken = made('other 1.0', { needs: { 'liby.so.9': 'lib' } })
  const [one, two] = [made('tool 1.0'), made('tool 2.0')]
  assert.is(planned([two, lib2, broken], [two, one], 'tool').length, 1)
})

test('nothing is there: the versions that are', () => {
  refused('USAGE', /keeps no earlier package of tool/, [tool2], [tool2], 'tool')
  refused('USAGE', /keeps no package of tool 9/, [tool2], [tool2, tool1], 'tool', '9')
})

test('a host that has become older than the package says so', () => {
  const old = made('tool 1.0', { floor: { libc: ['GLIBC_2.40'], cpu: [] } })
  const [two] = [made('tool 2.0')]
  refused('PREREQUISITE', /needs glibc 2\.40/, [two], [two, old], 'tool', undefined, { libc: ['GLIBC_2.36'] })
  assert.is(planned([two], [two, old], 'tool').length, 1)
})

test.run()
