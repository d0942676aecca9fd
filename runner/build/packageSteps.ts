/** The steps that take the place of a build where a package of it is there. */
import type { Build } from '../desired/build.ts'
import type { Action } from '../plan/plan.ts'
import { cpuOfFlags } from '../probe/cpuNames.ts'
import type { Facts } from '../probe/facts.ts'
import { lib, type Step, step } from './step.ts'

/** `sent` is undefined when the package is on the host, and when only the titles are wanted. */
export function packageSteps(
  { build, package: found }: Omit<Action, 'steps'>,
  jobFolder: string,
  sent: { sha256: string } | undefined,
  facts: Pick<Facts, 'cpu'>,
): Step[] {
  const stage = `stage${build.prefix}`
  const unpack =
    found?.at === 'host'
      ? lib('store.sh', 'unpack', build.prefix, found.name, stage)
      : lib('unpack.sh', 'package.tar.gz', sent?.sha256 ?? '', stage)
  return [
    step('unpack package', [unpack, linksCommand(build, facts)]),
    step('check linking', [lib('link-check.sh', `${jobFolder}/stage`, build.prefix)]),
  ]
}

/** Writes down what the staged tree is linked to, for the receipt. */
export function linksCommand(build: Build, facts: Pick<Facts, 'cpu'>): string {
  const flags = [...Object.values(build.env), ...build.configure, ...build.make]
  const words = [`stage${build.prefix}`, build.prefix, build.recipe, ...cpuOfFlags(flags, facts.cpu)]
  return `${lib('links.sh', ...words)} >links.json`
}
