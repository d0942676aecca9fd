/** The steps from the archive to the stage. Nothing here touches the prefix. */
import { basename } from 'node:path'
import type { Build } from '../desired/build.ts'
import { hostPath } from '../probe/probe.ts'
import { commandLine } from '../shell.ts'
import type { JobSource } from './job.ts'
import type { JobContext } from './jobFolder.ts'
import { jobserverOption } from './makeJobserver.ts'
import { linksCommand } from './packageSteps.ts'
import { inTurn, lib, type Step, step } from './step.ts'
import { buildSystems } from './systems/index.ts'
import { packageWords } from './systems/package.ts'
import type { Command } from './systems/system.ts'
import { gnuMake } from './tools.ts'

/** Where the job's folder has the patch with this index. */
export function patchPath(index: number, file: string): string {
  return `patches/${index + 1}/${basename(file)}`
}

function words({ script, argv }: Command): string {
  return script ? lib(script, ...argv) : commandLine(argv)
}

/** jobFolder: absolute; parts is undefined when only the titles are wanted. */
export function compileSteps(
  build: Build,
  context: JobContext,
  jobFolder: string,
  parts: { source: JobSource | undefined; cpus: number } | undefined,
): Step[] {
  // Then its make takes cpus as they are free, and a number would keep it from that.
  const shared = jobserverOption(context.facts.make) !== undefined
  const system = buildSystems[build.system]
  const systemContext = {
    make: gnuMake(context.facts.tools),
    jobs: build.parallel && !shared ? (parts?.cpus ?? 1) : 1,
    stage: `${jobFolder}/stage`,
  }
  const source = parts?.source
  const top = ['build', source?.root].filter(Boolean).join('/')
  const folder = [top, build.directory].filter(Boolean).join('/')
  const path =
    build.path.length > 0 ? { PATH: [...build.path, ...hostPath(context.host)].join(':') } : undefined
  const command = (title: string, made: Command | undefined): Step[] =>
    made ? [step(title, [words(made)], { folder, env: { ...path, ...build.env, ...made.env } })] : []
  const patches = (after: 'unpack' | 'configure'): Step[] =>
    build.patches.flatMap((patch, index) => {
      if (patch.after !== after) return []
      const words = [`${jobFolder}/${patchPath(index, patch.file)}`, String(patch.strip), String(patch.fuzz)]
      return [step(`patch ${basename(patch.file)}`, [lib('patch.sh', ...words)], { folder: top })]
    })
  const pack = step('pack', [linksCommand(build, context.facts), lib('pack.sh', `stage${build.prefix}`)])
  // Without an archive there is no folder to stand in.
  const stage = step('stage', [words(system.stage(build, systemContext))])
  if ('packages' in build.source) {
    const packaged = packageWords(build.source, context.facts.tools)
    return [...inTurn([step('install package', [lib('package.sh', ...packaged)], { root: true })]), stage]
  }
  if ('none' in build.source) return [stage, pack]
  return [
    step('unpack', [lib('unpack.sh', `source/${source?.file ?? ''}`, source?.sha256 ?? '', 'build')]),
    ...patches('unpack'),
    ...command('configure', system.configure(build, systemContext)),
    ...patches('configure'),
    ...command('build', system.compile(build, systemContext)).map((one) => ({
      ...one,
      parallel: build.parallel,
    })),
    ...command('stage', system.stage(build, systemContext)),
    step('check linking', [lib('link-check.sh', `${jobFolder}/stage`, build.prefix)]),
    ...build.smoke.map((smoke) =>
      step('test in the stage', [lib('smoke.sh', smoke.stdout ?? '', ...smoke.staged)], {
        // Only here: in place the runtime path has to do.
        env: { LD_LIBRARY_PATH: `./stage${build.prefix}/lib` },
      }),
    ),
    pack,
  ]
}
