/**
 * `build-stack shell HOST RECIPE`: a shell in the build folder that a failed build has left, in the environment of its steps;
 * with --patch, what was changed there as a patch of the project.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { type Edits, editsOf, openShell, unfinishedJob } from '../run/buildShell.ts'
import { type HostJob, hostJobs } from '../run/hostJobs.ts'
import type { Pty } from '../transports/transport.ts'
import { onHostLine } from './hostLine.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { hostNamed } from './selectHosts.ts'
import { isTerminal } from './terminal.ts'

export interface ShellOptions extends ConnectingOptions {
  /** Name of a patch to write, instead of opening a shell. */
  patch?: string
  /** New files that belong to it. */
  add: string[]
}

const NEWEST = 50
/** New files beyond that are counted: a make by hand makes hundreds. */
const SHOWN = 8

/** @returns the shell's exit status; 0 for a patch. */
export async function shell(name: string, recipe: string, options: ShellOptions): Promise<number> {
  const folder = projectFolder(options.directory)
  const project = await loadProject(folder)
  const host = hostNamed(project, name)
  if (options.patch !== undefined) requirePatchName(options.patch)
  return onHostLine(project, host, options, async ({ facts, line }) => {
    const place = { host: host.name, shell: facts.shell, work: host.work }
    const jobs = await hostJobs(line.reading(), { ...place, recipe }, NEWEST)
    const job = unfinishedJob(jobs, recipe, host.name)
    if (options.patch !== undefined) {
      const edits = await editsOf(line.reading(), place, job, options.add)
      writePatch(folder, job, options.patch, edits, options.json)
      return 0
    }
    const terminal = isTerminal() && process.stdout.isTTY === true
    if (terminal) process.stderr.write(`${host.name}: the build folder of ${job.id}; exit leaves it\n`)
    const code = await onTerminal(terminal, (pty) =>
      openShell(line.transport(), place, job, {
        stdin: process.stdin,
        ...(pty && { pty }),
        onStdout: (piece) => void process.stdout.write(piece),
        onStderr: (piece) => void process.stderr.write(piece),
      }),
    )
    if (terminal) {
      process.stderr.write(
        `what was changed becomes a patch with: build-stack shell ${host.name} ${recipe} --patch NAME\n`,
      )
    }
    return code
  })
}

/** Keys go to the host as they are typed, Ctrl-C included. */
async function onTerminal<T>(terminal: boolean, run: (pty: Pty | undefined) => Promise<T>): Promise<T> {
  if (!terminal) return run(undefined)
  process.stdin.setRawMode(true)
  try {
    return await run({
      term: process.env.TERM ?? 'vt100',
      size: () => ({ columns: process.stdout.columns, rows: process.stdout.rows }),
      onResize(listener) {
        process.stdout.on('resize', listener)
        return () => process.stdout.off('resize', listener)
      },
    })
  } finally {
    process.stdin.setRawMode(false)
  }
}

function requirePatchName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(name)) return
  throw new BuildStackError('USAGE', `"${name}" cannot be the name of a patch`, {
    next: 'letters, digits, dots, plus and minus: what it is about, without number and ending',
  })
}

function writePatch(project: string, job: HostJob, name: string, edits: Edits, json: boolean): void {
  if (edits.patch.length === 0) {
    const hint =
      edits.left.length > 0 ? `new files are taken when they are named: --add ${edits.left[0]}` : ''
    throw new BuildStackError('HOST', 'nothing of the source was changed', {
      recipe: `${job.recipe} ${job.to ?? ''}`.trimEnd(),
      next: hint || `build-stack shell opens a shell to change it`,
    })
  }
  const below = join(job.recipe, job.to ?? '')
  const folder = join(project, 'patches', below)
  mkdirSync(folder, { recursive: true })
  const file = `${nextNumber(readdirSync(folder))}-${name.replace(/\.patch$/, '')}.patch`
  const path = join(folder, file)
  if (existsSync(path))
    throw new BuildStackError('USAGE', `${path} is there already`, { next: 'name another' })
  writeFileSync(path, edits.patch)
  const entry = { file: join(below, file), strip: edits.strip }
  process.stdout.write(
    json
      ? `${JSON.stringify({ type: 'patch', path, ...entry, ...edits, patch: undefined })}\n`
      : text(job, path, entry, edits),
  )
}

/** "03" after 02-x.patch. */
function nextNumber(names: readonly string[]): string {
  const numbers = names.map((name) => Number(/^(\d+)-/.exec(name)?.[1] ?? 0))
  return String(Math.max(0, ...numbers) + 1).padStart(2, '0')
}

function text(
  job: HostJob,
  path: string,
  { file, strip }: { file: string; strip: number },
  edits: Edits,
): string {
  const line = strip === 1 ? `- file: ${file}` : `- { file: ${file}, strip: ${strip} }`
  const { left } = edits
  return [
    `wrote ${relative(process.cwd(), path)}`,
    ...(['changed', 'added', 'removed'] as const).flatMap((what) =>
      edits[what].map((one) => `  ${what.padEnd(7)} ${one}`),
    ),
    ...edits.binary.map((one) => `  ${one} differs, and is no text: not in the patch`),
    ...left.slice(0, SHOWN).map((one) => `  ${one} is new: not in the patch; --add ${one} takes it`),
    ...(left.length > SHOWN ? [`  and ${left.length - SHOWN} more new files`] : []),
    `add it to recipes/${job.recipe}.yaml, below ${job.to ?? 'the version'}:`,
    '    patches:',
    `      ${line}`,
    '',
  ].join('\n')
}
