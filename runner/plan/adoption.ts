/** A recipe's build + where its hand-made files are -> the plan that records them. Pure. */
import type { Host } from '../config/hosts.ts'
import type { Build } from '../desired/build.ts'
import { platformOf } from '../desired/makeBuild.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import { requireStates } from '../services/serviceState.ts'
import type { StepTitles } from './makePlan.ts'
import { PLAN_FORMAT, type Plan } from './plan.ts'

/** Paths, or patterns of paths, relative to the prefix. */
export interface AdoptedFiles {
  paths?: string[]
  patterns?: string[]
}

export interface AdoptionWish {
  recipe: string
  version: string
  files: AdoptedFiles
}

/** As if hosts.yaml asked for just this version: what it says of flags stays. */
export function withVersion(host: Host, { recipe, version }: AdoptionWish): Host {
  const said = host.recipes[recipe] ?? { configure: [], env: {}, location: host.location }
  return { ...host, recipes: { ...host.recipes, [recipe]: { ...said, version } } }
}

/** @throws BuildStackError USAGE when it is recorded already, or the recipe has no such version. */
export function planAdoption(
  host: Host,
  facts: Facts,
  build: Build | undefined,
  { recipe, version, files }: AdoptionWish,
  titles: StepTitles,
): Plan {
  const receipt = facts.receipts[recipe]
  if (receipt) {
    throw new BuildStackError('USAGE', `${recipe} ${receipt.version} is in the records of ${host.name}`, {
      host: host.name,
      next: `build-stack verify ${host.name} compares its files`,
    })
  }
  if (build?.version !== version) {
    const has = build ? `it would be ${build.version}` : 'its conditions do not hold there'
    throw new BuildStackError('USAGE', `${recipe} ${version} is no version for ${host.name}: ${has}`, {
      host: host.name,
      next: 'name a version of the recipe, not a range',
    })
  }
  if (build.services.length > 0) {
    const next = 'see on the host why; only a service that is known to run can be taken into the records'
    requireStates(facts, host.name, next)
  }
  const { paths, patterns } = files
  const what = paths ? `${paths.length} files of a list` : `what fits ${patterns?.join(', ')}`
  const action = {
    recipe,
    version,
    kind: 'adopt' as const,
    reasons: [`asked for: ${what}`],
    changes: [],
    build,
    adopted: files,
  }
  return {
    format: PLAN_FORMAT,
    host: host.name,
    prefix: host.prefix,
    platform: platformOf(facts),
    actions: [{ ...action, steps: titles(action) }],
  }
}
