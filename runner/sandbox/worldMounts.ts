/** Turns a sandbox's folder into a world by running mounts.sh, in the sandbox's namespaces. Used by server.ts. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BuildStackError } from '../errors.ts'
import { packageRoot } from '../paths.ts'
import { createWorld, type World } from './world.ts'

/** Resolves when programs can be started. Rejects with BuildStackError PREREQUISITE when a mount failed. */
export async function mountWorld(state: string): Promise<World> {
  const numbers = manyNumbers() ? 'many' : 'one'
  const script = join(packageRoot, 'runner', 'sandbox', 'mounts.sh')
  const holder = spawn('/bin/sh', [script, state, numbers], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise<void>((resolve, reject) => {
    holder.stdout.once('data', () => resolve())
    holder.once('exit', (code) =>
      reject(new BuildStackError('PREREQUISITE', `the sandbox's mounts failed with status ${code}`)),
    )
  })
  if (holder.pid === undefined) throw new BuildStackError('PREREQUISITE', 'the sandbox has no mounts')
  return createWorld({
    root: join(state, 'root'),
    pid: holder.pid,
    manyNumbers: manyNumbers(),
    tools: {
      nsenter: findTool('nsenter'),
      setpriv: findTool('setpriv'),
      unshare: findTool('unshare'),
      env: findTool('env'),
    },
  })
}

/** Whether more accounts than one exist in our user namespace. */
export function manyNumbers(): boolean {
  const lines = readFileSync('/proc/self/uid_map', 'latin1').trim().split('\n')
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/)[2]), 0) > 1
}

function findTool(name: string): string {
  const folder = (process.env.PATH ?? '/usr/bin').split(':').find((folder) => existsSync(join(folder, name)))
  if (folder === undefined) throw new BuildStackError('PREREQUISITE', `${name} is not installed`)
  return join(folder, name)
}
