/** Jobs of recipes, as a run makes them, and their folders on disk. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeJob } from '../../runner/build/job.ts'
import type { Job, JobContext } from '../../runner/build/jobFolder.ts'
import { loadProject } from '../../runner/config/load.ts'
import type { Action, ActionKind } from '../../runner/plan/plan.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import { smf } from '../../runner/services/smf.ts'
import { project } from '../config/project.ts'
import { builtFrom, type Files, sampleFacts } from '../plan/planned.ts'

export const TOKEN = '0123456789abcdef'

export interface JobOptions {
  facts?: Facts
  kind?: ActionKind
  installed?: string
  /** An archive on this machine; what is in it has one top folder, `tool-1.0`. */
  archive?: { path: string; file: string; sha256: string; size: number }
  root?: string
  by?: string
  package?: Action['package']
}

export async function contextOf(files: Files, facts: Facts, by = 'ann@laptop'): Promise<JobContext> {
  const host = (await loadProject(project(files))).hosts.get('server1')
  if (!host) throw new Error('the test has no server1')
  return {
    host,
    facts,
    supervisor: facts.supervisor === 'smf' ? smf : undefined,
    by,
    run: '1a2b3c4d',
    secrets: {},
    secretMarks: {},
  }
}

/** The job of one recipe. */
export async function jobOf(recipe: string, files: Files, options: JobOptions = {}): Promise<Job> {
  const facts = options.facts ?? sampleFacts()
  const build = (await builtFrom(files, facts)).find((one) => one.recipe === recipe)
  if (!build) throw new Error(`the test has no ${recipe}`)
  const kind = options.kind ?? 'install'
  const action: Action = {
    recipe,
    version: build.version,
    ...(options.installed !== undefined && { installed: options.installed }),
    kind,
    reasons: [],
    changes: [],
    steps: [],
    build,
    ...(options.package && { package: options.package }),
  }
  return makeJob(action, await contextOf(files, facts, options.by), {
    attempt: 'attempt',
    token: TOKEN,
    cpus: facts.cpus,
    source:
      kind === 'update'
        ? undefined
        : {
            path: '/cache/x',
            file: `${recipe}-${build.version}.tar.gz`,
            sha256: 'a'.repeat(64),
            size: 1,
            root: options.root ?? `${recipe}-${build.version}`,
            ...options.archive,
          },
    package:
      options.package?.at === 'controller'
        ? { path: '/cache/p', sha256: 'b'.repeat(64), size: 1 }
        : undefined,
    receipt: undefined,
    start: { at: 'change' },
    patchContent: (file) => Buffer.from(files[`patches/${file}`] ?? ''),
  })
}

export function textOf(job: Job, path: string): string {
  const content = job.files.find((file) => file.path === path)?.content
  if (!Buffer.isBuffer(content))
    throw new Error(`the job has no text ${path}: ${job.files.map((file) => file.path)}`)
  return content.toString('utf8')
}

/** The job's folder as it would be on the host; it has to be below the place that job.folder names. */
export function writeJob(job: Job, into: string): void {
  for (const { path, mode, content } of job.files) {
    const target = join(into, path)
    mkdirSync(dirname(target), { recursive: true })
    if (Buffer.isBuffer(content)) writeFileSync(target, content, { mode })
    else cpSync(content.file, target)
  }
}
