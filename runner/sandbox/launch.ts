/** The slow half of control.ts: starts a sandbox that does not run. Two clients at once start one. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BuildStackError } from '../errors.ts'
import { packageRoot } from '../paths.ts'
import { withoutInherited } from './descriptors.ts'
import { explainFailure } from './diagnosis.ts'
import { type RunningSandbox, readEndpoint, type SandboxServer, sandboxFolder } from './endpoint.ts'

/** Status of launch.sh when somebody else holds the sandbox: another client starts it, or it is just ending. */
const HELD = 75
const WAIT_SECONDS = 60

/** Resolves when the sandbox accepts connections. Rejects with BuildStackError PREREQUISITE. */
export async function launchSandbox(name: string, server: SandboxServer): Promise<RunningSandbox> {
  const bundle = join(packageRoot, '.build', 'sandbox-server.js')
  if (!existsSync(bundle)) {
    throw new BuildStackError('PREREQUISITE', `${bundle} is missing`, { next: 'Run: npm run build' })
  }
  const folder = sandboxFolder(name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const deadline = Date.now() + WAIT_SECONDS * 1000
  while (Date.now() < deadline) {
    const endpoint = await attempt(name, folder, bundle, server, deadline)
    if (endpoint !== undefined) return endpoint
  }
  throw await failure(name, folder, `did not start within ${WAIT_SECONDS} seconds`)
}

/** The endpoint, or undefined when the sandbox was held by somebody else and is worth another try. */
async function attempt(
  name: string,
  folder: string,
  bundle: string,
  server: SandboxServer,
  deadline: number,
): Promise<RunningSandbox | undefined> {
  const script = join(packageRoot, 'runner', 'sandbox', 'launch.sh')
  const devNull = openSync('/dev/null', 'r+')
  const launcher = spawn('/bin/sh', [script, folder, process.execPath, bundle, name, server], {
    cwd: '/',
    env: { PATH: '/usr/bin:/usr/sbin:/bin:/sbin', LANG: 'C.UTF-8' },
    stdio: withoutInherited(devNull),
    detached: true,
  })
  closeSync(devNull)
  launcher.unref()
  let ended: number | undefined
  launcher.once('exit', (code) => {
    ended = code ?? 1
  })
  while (Date.now() < deadline) {
    const endpoint = readEndpoint(name)
    if (endpoint !== undefined) return endpoint
    if (ended === HELD) {
      await sleep(30)
      return undefined
    }
    if (ended !== undefined) throw await failure(name, folder, `ended with status ${ended} while it started`)
    await sleep(10)
  }
  return undefined
}

async function failure(name: string, folder: string, what: string): Promise<BuildStackError> {
  const logFile = join(folder, 'server.log')
  const log = existsSync(logFile) ? readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20) : []
  const reason = await explainFailure()
  return new BuildStackError('PREREQUISITE', reason?.message ?? `the sandbox ${name} ${what}`, {
    log,
    logFile,
    next: reason?.next ?? `Read ${logFile}; "build-stack sandbox reset ${name}" begins anew.`,
  })
}
