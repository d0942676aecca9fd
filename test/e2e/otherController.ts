/** Another administrator's machine, which knows a sandbox as a host that is somewhere. */
import { readFileSync } from 'node:fs'
import { Workshop } from './workshop.ts'

/** Its host is called "far". settings: of it, as in hosts.yaml. */
export function otherController(workshop: Workshop, sandbox: string, settings: object = {}): Workshop {
  const other = new Workshop()
  const { knownHostsFile } = workshop.endpoint(sandbox)
  other.writeHome('.ssh/known_hosts', readFileSync(knownHostsFile, 'utf8'))
  writeFar(other, workshop, sandbox, settings)
  return other
}

/** Gives its host other settings. */
export function writeFar(other: Workshop, workshop: Workshop, sandbox: string, settings: object): void {
  const { address, port, user, identityFile: key } = workshop.endpoint(sandbox)
  const far = { address, port, user, key, recipes: {}, ...settings }
  other.write('hosts.yaml', JSON.stringify({ hosts: { far } }))
}
