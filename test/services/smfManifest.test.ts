/** Every manifest that any recipe can produce, by the DTDs of 2006, 2015 and 2021, as xmllint reads them. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Host } from '../../runner/config/hosts.ts'
import { loadProject } from '../../runner/config/load.ts'
import type { BuildService } from '../../runner/desired/build.ts'
import { makeBuild } from '../../runner/desired/makeBuild.ts'
import { buildSpec } from '../../runner/desired/spec.ts'
import { packageRoot } from '../../runner/paths.ts'
import { hostPath } from '../../runner/probe/probe.ts'
import { smf } from '../../runner/services/smf.ts'
import type { ServiceContext } from '../../runner/services/supervisor.ts'
import { findProgram } from '../host/shells.ts'
import { anyService, context } from './sampleServices.ts'

const test = suite('services/smfManifest')

const dtds = existsSync(join(packageRoot, '../shared/facts/smf'))
  ? readdirSync(join(packageRoot, '../shared/facts/smf')).filter((name) => name.endsWith('.dtd.1'))
  : []
const xmllint = findProgram('xmllint')
if (!xmllint)
  console.log('  manifests are not validated: xmllint is not installed (apt-get install libxml2-utils)')
if (dtds.length === 0) console.log('  manifests are not validated: there are no DTDs in ../shared/facts/smf')
const validated = xmllint && dtds.length > 0 ? test : test.skip

/** Each kind of what a manifest is made of, with every kind of all the others. */
function allOptions(): Partial<BuildService>[] {
  const models = ['foreground', 'background', 'oneshot'] as const
  const accounts = [
    {},
    { group: 'staff' },
    { user: 'web' },
    { user: 'web', group: 'staff' },
    { user: 'web', privileges: ['net_privaddr'] },
    { user: 'web', group: 'staff', privileges: ['net_privaddr', 'proc_lock_memory'] },
  ]
  const requirements = [[], ['network'], ['network', 'filesystem', 'db/mysql', 'svc:/system/cron']]
  const groups = [
    {},
    { properties: {} },
    { properties: { config: {} } },
    { properties: { config: { cores: '2', none: '' }, tuning: { words: '<"&\'>' } } },
  ]
  const commands = [{}, { stop: ['s'] }, { refresh: ['r'] }, { stop: ['s'], refresh: ['r'] }]
  return models.flatMap((model) =>
    accounts.flatMap((account) =>
      requirements.flatMap((requires) =>
        groups.flatMap((group) =>
          commands.map((command, i) => ({
            ...{ model, requires, enabled: i % 2 === 0, startTimeout: i * 60 },
            ...{ ...account, ...group, ...command },
          })),
        ),
      ),
    ),
  )
}

const KINDS = [
  { os: 'SunOS', release: '5.10', machine: 'i86pc' },
  { os: 'SunOS', release: '5.11', machine: 'i86pc' },
  { os: 'Linux', release: '6.1.0', machine: 'x86_64' },
]

/** Of every recipe and version, as hosts of each kind have them, with every role and with none. */
async function ofRecipes(): Promise<ServiceContext[]> {
  const project = await loadProject(packageRoot)
  const server1 = project.hosts.get('server1') as Host
  const recipes = [...(await project.allRecipes()).values()]
  const roles = [...JSON.stringify(recipes).matchAll(/"role":"([^"]*)"/g)].map(([, role]) => role ?? '')
  const contexts = recipes.flatMap((recipe) =>
    Object.keys(recipe.versions).flatMap((version) =>
      KINDS.flatMap((kind) =>
        [[], roles].flatMap((roles) => {
          const facts = { ...kind, supervisor: 'smf' as const, node: 'n', cpus: 2, memory: 2 ** 30 }
          const spec = buildSpec(recipe, version, { ...server1, roles }, facts)
          const asked = [...JSON.stringify(spec).matchAll(/\$\{value\.([^}]*)\}/g)]
          const values = Object.fromEntries(asked.map(([, name]) => [name, '7']))
          const host = { ...server1, roles, values }
          const selection = { recipe, version, dependencies: [], spec }
          const build = makeBuild(selection, { host, facts, builds: new Map() })
          return build.services.map((service) => ({ build, service, path: hostPath(host) }))
        }),
      ),
    ),
  )
  const versions = new Set(contexts.map(({ build }) => `${build.recipe} ${build.version}`))
  assert.ok(versions.size > 8, `services of ${[...versions].join(', ')}`)
  return contexts
}

validated('every manifest is valid for the SMF of 2006 and of today', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-stack-smf-'))
  try {
    const options = [...allOptions(), ...fc.sample(anyService, { numRuns: 60, seed: 7 })]
    const contexts = [...options.map((one) => context(one)), ...(await ofRecipes())]
    const texts = await Promise.all(contexts.map(async (one) => (await smf.files(one))[0]?.content ?? ''))
    const manifests = [...new Set(texts)].map((text, i) => {
      const path = join(folder, `${i}.xml`)
      writeFileSync(path, text)
      return path
    })
    // Fewer than the options: some make no difference to a manifest.
    assert.ok(manifests.length > 500, `only ${manifests.length}`)
    for (const dtd of dtds) {
      const path = join(packageRoot, '../shared/facts/smf', dtd)
      const { status, stderr } = spawnSync(
        xmllint as string,
        ['--noout', '--nonet', '--dtdvalid', path, ...manifests],
        { encoding: 'utf8' },
      )
      assert.is(status, 0, `${dtd}: ${stderr.slice(0, 500)}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test.run()
