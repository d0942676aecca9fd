/** `build-stack adopt HOST RECIPE VERSION`: takes a hand-made installation into the records without building it. */
import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import type { Host } from '../config/hosts.ts'
import { loadProject, type Project } from '../config/load.ts'
import { wantedBuilds } from '../desired/wantedBuilds.ts'
import { BuildStackError } from '../errors.ts'
import { type AdoptedFiles, type AdoptionWish, planAdoption, withVersion } from '../plan/adoption.ts'
import { contextFor } from '../run/prepareHost.ts'
import { checkedRecipes } from '../run/run.ts'
import type { BuildOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { runOrSave } from './runOrSave.ts'
import type { PreparedRun } from './runPlans.ts'
import { hostNamed } from './selectHosts.ts'

export interface AdoptOptions extends BuildOptions {
  /** A file on this machine with a path on each line. */
  files?: string
  prefixScan: string[]
}

export async function adopt(
  name: string,
  recipe: string,
  version: string,
  options: AdoptOptions,
): Promise<number> {
  const project = await loadProject(projectFolder(options.directory))
  const host = hostNamed(project, name)
  const wish = { recipe, version, files: await filesOf(options, host.prefix) }
  return runOrSave(
    project,
    [host],
    options,
    () => ({ only: [recipe], packages: true, adopt: wish }),
    await adoptionRun(project, host, wish),
  )
}

/** Also for a plan that was saved. */
export async function adoptionRun(project: Project, host: Host, wish: AdoptionWish): Promise<PreparedRun> {
  const { recipe } = wish
  const wanted = withVersion(host, wish)
  const recipes = await checkedRecipes(project, [wanted], [recipe])
  return {
    prepare: async (_host, facts, _transport, surroundings) => {
      const build = wantedBuilds(wanted, recipes, facts, [recipe]).find((one) => one.recipe === recipe)
      const prepared = contextFor(wanted, facts, surroundings, (titles) =>
        planAdoption(wanted, facts, build, wish, titles),
      )
      return { ...prepared, patchContent: recipes.get(recipe)?.patchContent ?? prepared.patchContent }
    },
  }
}

async function filesOf({ files, prefixScan }: AdoptOptions, prefix: string): Promise<AdoptedFiles> {
  if ((files === undefined) === (prefixScan.length === 0)) {
    throw new BuildStackError('USAGE', 'adopt needs to know which files belong to it', {
      next: "add --files LIST (a file with a path a line), or --prefix-scan PATTERN, for instance 'lib/python2.5'",
    })
  }
  if (files === undefined) return { patterns: prefixScan.map((pattern) => below(prefix, pattern)) }
  const text = await readFile(files, 'utf8').catch((cause: Error) => {
    throw new BuildStackError('USAGE', `${files} cannot be read: ${cause.message}`, { cause })
  })
  const paths = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'))
  return { paths: paths.map((path) => below(prefix, path)) }
}

/** @throws BuildStackError USAGE for what is outside, or is build-stack's own. */
function below(prefix: string, text: string): string {
  const path = posix
    .normalize(posix.isAbsolute(text) ? posix.relative(prefix, text) : text)
    .replace(/\/$/, '')
  if (path !== '.' && path !== '..' && !path.startsWith('../') && !/^var\/build-stack(\/|$)/.test(path))
    return path
  throw new BuildStackError('USAGE', `${text} is not a file of an installation under ${prefix}`, {
    next: 'name files below the prefix',
  })
}
