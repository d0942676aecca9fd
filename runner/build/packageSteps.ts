/** The steps that take the place of a build where a package of it is there. */
import type { Build } from '../desired/build.ts'
import type { Action } from '../plan/plan.ts'
import { lib, type Step, step } from './step.ts'

/** `sent` is undefined when the package is on the host, and when only the titles are wanted. */
export function packageSteps(
  { build, package: found }: Omit<Action, 'steps'>,
  jobFolder: string,
  sent: { sha256: string } | undefined,
): Step[] {
  const stage = `stage${build.prefix}`
  const unpack =
    found?.at === 'host'
      ? lib('store.sh', 'unpack', build.prefix, found.name, stage)
      : lib('unpack.sh', 'package.tar.gz', sent?.sha256 ?? '', stage)
  return [
    step('unpack package', [unpack, linksCommand(build)]),
    step('check linking', [lib('link-check.sh', `${jobFolder}/stage`, build.prefix)]),
  ]
}

/** Writes down what the staged tree is linked to, for the receipt. */
export function linksCommand(build: Build): string {
  return `${lib('links.sh', `stage${build.prefix}`, build.prefix, build.recipe)} >links.json`
}
