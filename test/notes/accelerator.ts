/** The notes' machines as hosts.yaml has them, planned against a pretended OpenSolaris host of 2007: what would run there. */

import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { buildFolder } from '../../runner/build/compileSteps.ts'
import { makeJob } from '../../runner/build/job.ts'
import { loadProject } from '../../runner/config/load.ts'
import { packageRoot } from '../../runner/paths.ts'
import type { Facts } from '../../runner/probe/facts.ts'
import { prepareHost } from '../../runner/run/prepareHost.ts'

const programs =
  'gcc g++ c++ gmake make gpatch gtar tar gzip bzip2 digest perl svcs svcadm svccfg svcprop pkg-get useradd groupadd getent elfdump'

const accelerator: Facts = {
  os: 'SunOS',
  release: '5.11',
  kernel: 'snv_67',
  machine: 'i86pc',
  node: 'server1',
  uid: 100,
  user: 'admin',
  shell: '/usr/xpg4/bin/sh',
  tools: Object.fromEntries(programs.split(' ').map((name) => [name, `/usr/bin/${name}`])),
  cpus: 4,
  memory: undefined,
  diskFree: { prefix: undefined, work: undefined },
  writable: { prefix: false, work: true },
  privilege: 'pfexec',
  supervisor: 'smf',
  packageManager: 'pkg-get',
  receipts: {},
  damagedReceipts: {},
  damage: [],
  services: [],
  packages: [],
  jobs: [],
  journals: [],
  lock: undefined,
  date: '2007-11-24T00:00:00Z',
}

export interface PlannedRecipe {
  /** Last part of the source's address. */
  archive: string
  /** In order, with the lines that each runs after the job's environment. */
  steps: { title: string; folder: string; environment: string[]; commands: string[] }[]
  /** env.sh. */
  environment: string
  /** Configuration files by path, and service files by path. */
  files: Record<string, string>
  services: Record<string, string>
}

/** What the recipes of a host of docs/examples/accelerators.yaml would run, in order. */
export async function plan(hostName: string): Promise<Map<string, PlannedRecipe>> {
  const folder = mkdtempSync(join(tmpdir(), 'notes-'))
  try {
    for (const name of ['recipes', 'patches']) symlinkSync(join(packageRoot, name), join(folder, name))
    copyFileSync(join(packageRoot, 'docs/examples/accelerators.yaml'), join(folder, 'hosts.yaml'))
    const project = await loadProject(folder)
    const host = project.hosts.get(hostName)
    assert.ok(host)
    const recipes = await project.recipesFor(Object.keys(host.recipes))
    const options = { recipes, only: [], by: 'test', run: '0', packages: undefined }
    const { plan, context, patchContent } = await prepareHost(host, accelerator, options)
    const found = new Map<string, PlannedRecipe>()
    for (const action of plan.actions) {
      const source = { path: '', file: 'source.tar.gz', sha256: '0'.repeat(64), size: 0, root: 'top' }
      const own = { attempt: 'a', token: 't', cpus: 1, start: { at: 'change' as const } }
      const parts = { ...own, source, package: undefined, receipt: undefined, patchContent }
      const job = await makeJob(action, context, parts)
      const text = (path: string) => String(job.files.find((file) => file.path === path)?.content)
      const texts = job.files.filter(({ path }) => path.startsWith('steps/'))
      const { source: from, files } = action.build
      found.set(action.recipe, {
        archive: 'url' in from ? from.url.slice(from.url.lastIndexOf('/') + 1) : '',
        environment: text('env.sh'),
        steps: job.steps.map(({ title }, index) => ({
          title,
          ...run(String(texts[index]?.content), buildFolder(host, action.build)),
        })),
        files: Object.fromEntries(files.map(({ path, content }) => [path, content])),
        services: Object.fromEntries(
          job.files
            .filter(({ path }) => path.startsWith('stage-services/'))
            .map(({ path, content }) => [path.slice('stage-services'.length), String(content)]),
        ),
      })
    }
    return found
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * Of a step's script: where it runs, what it exports, what it runs. The names of the job's folder and of the build folder,
 * `place`, are put as JOB, BUILD and STAGE.
 */
function run(script: string, place: string): { folder: string; environment: string[]; commands: string[] } {
  const [head = '', body = ''] = script.split('. "$trusted/env.sh"\n')
  const job = /^job=(.*)$/m.exec(head)?.[1] ?? ''
  const lines = body
    .replaceAll(new RegExp(`${place}/stage|${job}/stage|\\./stage(?=/opt)`, 'g'), 'STAGE')
    .replaceAll(place, 'BUILD')
    .replaceAll(job, 'JOB')
    .replace(/"\$BUILD_STACK_SHELL" "\$trusted\/lib\/([^"]*)"/g, '$1')
    .split('\n')
    .filter(Boolean)
  const folder = lines[0]?.match(/^cd BUILD\/build\/(\S+) \|\| exit 1$/)?.[1] ?? ''
  const exported = lines.flatMap((line) => /^(\w+=.*); export \w+$/.exec(line)?.[1] ?? [])
  return {
    folder,
    environment: exported,
    commands: lines
      .slice(folder ? 1 : 0)
      // What an earlier try had staged goes first.
      .filter((line) => !/; export \w+$/.test(line) && !line.startsWith('{ chmod -R u+w STAGE '))
      .map((line) => line.replace(/ \|\| exit \$\?$/, '')),
  }
}
