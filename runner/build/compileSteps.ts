/** The steps from the archive to the stage. Nothing here touches the prefix. */
import { basename } from 'node:path'
import type { Host } from '../config/hosts.ts'
import type { Build } from '../desired/build.ts'
import { jobsOf } from '../desired/makeBuild.ts'
import { hostPath } from '../probe/probe.ts'
import { commandLine } from '../shell.ts'
import {
  compileEnvironment,
  farCpus,
  linkCommands,
  linkFolder,
  wrapperEnvironment,
  wrappersOf,
} from './compilers.ts'
import type { JobSource } from './job.ts'
import type { JobContext } from './jobFolder.ts'
import { jobserverOption } from './makeJobserver.ts'
import { linksCommand } from './packageSteps.ts'
import { inTurn, lib, type Step, type StepOptions, step } from './step.ts'
import { buildSystems } from './systems/index.ts'
import { packageWords } from './systems/package.ts'
import type { Command, SystemContext } from './systems/system.ts'
import { gnuMake } from './tools.ts'

/** Where the job's folder has the patch with this index. */
export function patchPath(index: number, file: string): string {
  return `patches/${index + 1}/${basename(file)}`
}

/**
 * Where a version of a recipe is built, whichever job does it: an interrupted or failed build can go on there, and what
 * compilers and libtool write down of it is the same each time.
 */
export function buildFolder(host: Pick<Host, 'work'>, build: Pick<Build, 'recipe' | 'version'>): string {
  return `${host.work}/builds/${build.recipe}-${build.version}`
}

/** The source's folder and environment in which configure, make and install run. */
export function workplace(
  build: Build,
  { host }: Pick<JobContext, 'host'>,
  root: string | undefined,
): { top: string; folder: string; env: Record<string, string> } {
  const top = [buildFolder(host, build), 'build', root].filter(Boolean).join('/')
  const front = [linkFolder(build, host) ?? [], build.path].flat()
  const path = front.length > 0 ? { PATH: [...front, ...hostPath(host)].join(':') } : {}
  return {
    top,
    folder: [top, build.directory].filter(Boolean).join('/'),
    env: { ...path, ...build.env },
  }
}

function words({ script, argv }: Command): string {
  return script ? lib(script, ...argv) : commandLine(argv)
}

/** Applies a patch that the job has, in the source's folder. */
export function patchCommand(
  jobFolder: string,
  index: number,
  { file, strip, fuzz }: Build['patches'][number],
): string {
  return lib('patch.sh', `${jobFolder}/${patchPath(index, file)}`, String(strip), String(fuzz))
}

/** inputs: what its result depends on, where its script says more than that, or less. */
function kept(one: Step, inputs = one.script, again = true): Step {
  return { ...one, keep: { inputs, again } }
}

/** jobFolder: absolute; parts is undefined when only the titles are wanted. */
export function compileSteps(
  build: Build,
  context: JobContext,
  jobFolder: string,
  parts: { source: JobSource | undefined; cpus: number } | undefined,
): Step[] {
  const system = buildSystems[build.system]
  if ('packages' in build.source || 'none' in build.source) {
    // Without an archive there is no build to go on with.
    const given = { make: '', jobs: 1, stage: `${jobFolder}/stage` }
    const stage = step('stage', [words(system.stage(build, given))])
    if ('none' in build.source) return [stage, step('pack', packCommands(build, context))]
    const packaged = packageWords(build.source, context.facts.tools)
    return [...inTurn([step('install package', [lib('package.sh', ...packaged)], { root: true })]), stage]
  }
  const source = parts?.source
  const place = buildFolder(context.host, build)
  const stage = `${place}/stage`
  const { top, folder, env } = workplace(build, context, source?.root)
  const { shared, jobs } = cpusOf(build, context, parts?.cpus ?? 1)
  const systemContext: SystemContext = { make: gnuMake(context.facts.tools), jobs, stage }
  const wrapped = wrapperEnvironment(build, context.host)
  const command = (
    title: string,
    made: (context: SystemContext) => Command | undefined,
    { before = [], more = {} }: { before?: string[]; more?: Record<string, string> } = {},
  ): Step[] => {
    const one = (found: Command, first: string[], given: Record<string, string>): Step =>
      step(title, [...first, ...before, words(found)], { folder, env: { ...given, ...env, ...found.env } })
    const [found, alone] = [made(systemContext), made({ ...systemContext, jobs: 1 })]
    if (!found || !alone) return []
    const links = linkCommands(build, context.host, context.facts)
    // With how many jobs it is made, and where, makes no difference to what is made.
    return [kept(one(found, links, { ...wrapped, ...more }), one(alone, [], {}).script)]
  }
  const patches = (after: 'unpack' | 'configure'): Step[] =>
    build.patches.flatMap((patch, index) => {
      if (patch.after !== after) return []
      const command = patchCommand(jobFolder, index, patch)
      const one = step(`patch ${basename(patch.file)}`, [command], { folder: top })
      return [kept(one, `${patch.sha256} ${patch.strip} ${patch.fuzz}`, false)]
    })
  const inPlace = (title: string, commands: string[], options: StepOptions = {}): Step =>
    kept(step(title, commands, { folder: place, ...options }))
  return [
    kept(
      step('unpack', [
        lib('unpack.sh', `source/${source?.file ?? ''}`, source?.sha256 ?? '', `${place}/build`),
      ]),
    ),
    ...patches('unpack'),
    ...command('configure', (given) => system.configure(build, given)),
    ...patches('configure'),
    ...command('build', (given) => system.compile(build, given), {
      more: compileEnvironment(build, context.host, context.facts),
    }).map((one) => ({ ...one, parallel: shared })),
    ...command('stage', (given) => system.stage(build, given), { before: [removal([stage])] }),
    inPlace('check linking', [lib('link-check.sh', stage, build.prefix)]),
    ...build.smoke.map((smoke) =>
      inPlace('test in the stage', [lib('smoke.sh', smoke.stdout ?? '', ...smoke.staged)], {
        // Only here: in place the runtime path has to do.
        env: { LD_LIBRARY_PATH: `./stage${build.prefix}/lib` },
      }),
    ),
    inPlace('pack', packCommands(build, context)),
  ]
}

/**
 * How many cpus its make may use. shared: it takes them as they are free from those of all jobs on the host (host/cpus.sh),
 * and a number would keep it from that. given: its fixed share, where the host's make has no jobserver.
 */
function cpusOf(build: Build, { host, facts }: JobContext, given: number): { shared: boolean; jobs: number } {
  const usesFarm = wrappersOf(build, host).includes('distcc')
  const isDivided = jobserverOption(facts.make) !== undefined
  // Those of other hosts are among them, and of no use to a build that compiles here.
  const shared = build.parallel && isDivided && (usesFarm || farCpus(host) === 0)
  if (shared || !build.parallel) return { shared, jobs: 1 }
  if (isDivided) return { shared, jobs: jobsOf(host, facts) }
  return { shared, jobs: given + (usesFarm ? farCpus(host) : 0) }
}

function packCommands(build: Build, { facts }: JobContext): string[] {
  return [linksCommand(build, facts), lib('pack.sh', `stage${build.prefix}`)]
}

/** Sources and stages can have folders that are closed for writing. */
export function removal(paths: readonly string[]): string {
  const list = commandLine(paths)
  return `{ chmod -R u+w ${list} 2>/dev/null; rm -rf ${list}; }`
}
