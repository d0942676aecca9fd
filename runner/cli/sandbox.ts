/** `build-stack sandbox ACTION [HOST...]`: the hosts made of this machine. */
import { loadProject } from '../config/load.ts'
import { BuildStackError } from '../errors.ts'
import { SANDBOX } from '../run/connectHost.ts'
import { ensureSandbox, listSandboxes, resetSandbox, sandboxStatus, stopSandbox } from '../sandbox/control.ts'
import type { GlobalOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'

const actions: Record<string, (name: string) => Promise<unknown>> = {
  start: ensureSandbox,
  stop: stopSandbox,
  reset: resetSandbox,
  status: async () => {},
}

export async function sandbox(action: string, names: string[], options: GlobalOptions): Promise<number> {
  const act = actions[action]
  if (!act) {
    throw new BuildStackError('USAGE', `sandbox cannot "${action}"`, {
      next: `it can ${Object.keys(actions).join(', ')}`,
    })
  }
  const project = await loadProject(projectFolder(options.directory))
  const known = [...project.hosts.values()]
    .filter((host) => host.address === SANDBOX)
    .map((host) => host.name)
  const existing = listSandboxes().map(({ name }) => name)
  const wanted = names.length > 0 ? names : action === 'start' ? known : [...new Set([...known, ...existing])]
  for (const name of wanted) {
    if (!known.includes(name) && !existing.includes(name)) {
      throw new BuildStackError('USAGE', `${name} is not a sandbox`, {
        next: `the sandboxes of hosts.yaml are ${known.join(', ') || 'none'}`,
      })
    }
    await act(name)
    const { state, endpoint, since } = sandboxStatus(name)
    if (options.json) process.stdout.write(`${JSON.stringify({ name, state, ...endpoint, since })}\n`)
    else {
      const where = endpoint ? `  ${endpoint.address}:${endpoint.port}  ${endpoint.root}` : ''
      process.stdout.write(`${name}: ${state}${where}\n`)
    }
  }
  return 0
}
