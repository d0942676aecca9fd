/** A script of the job's folder that opens a shell where the steps of its build run, in their environment: see host/workplace.sh. */
import type { Build } from '../desired/build.ts'
import { exports, quote } from '../shell.ts'
import { wrapperEnvironment } from './compilers.ts'
import { buildFolder, patchCommand, workplace } from './compileSteps.ts'
import type { JobSource } from './job.ts'
import type { JobContext } from './jobFolder.ts'
import { lib, stepScript } from './step.ts'

export function workplaceScript(
  build: Build,
  context: JobContext,
  jobFolder: string,
  source: Pick<JobSource, 'file' | 'sha256' | 'root'>,
): string {
  const place = buildFolder(context.host, build)
  const { top, folder, env } = workplace(build, context, source.root)
  const pristine = `${place}/pristine`
  const patches = build.patches.flatMap((patch, index) =>
    patch.after === 'unpack' ? [patchCommand(jobFolder, index, patch)] : [],
  )
  const commands = [
    lib('unpack.sh', `source/${source.file}`, source.sha256, pristine),
    `cd ${quote([pristine, source.root].filter(Boolean).join('/'))}`,
    ...patches,
  ]
  const strip = build.patches.at(-1)?.strip ?? 1
  const parts = ['a', source.root ?? 'b'].slice(-Math.min(strip, 2))
  const script = [
    `strip=${strip}`,
    // As many parts as are taken off again.
    `prefix=${quote(strip === 0 ? '' : [...Array(Math.max(strip - 2, 0)).fill('a'), ...parts, ''].join('/'))}`,
    `place=${quote(place)}`,
    `top=${quote(top.slice(place.length + 1))}`,
    `folder=${quote(folder)}`,
    'unpack_pristine() (',
    ...commands.map((command) => `  ${command} || exit 1`),
    ')',
    exports({ ...wrapperEnvironment(build, context.host), ...env }).trimEnd(),
    '. "$trusted/lib/workplace.sh"',
  ]
  return stepScript(jobFolder, 'a shell in the build folder', script.filter(Boolean).join('\n'))
}
