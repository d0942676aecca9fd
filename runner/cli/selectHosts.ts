/** Names on the command line -> hosts of hosts.yaml. */
import type { Host } from '../config/hosts.ts'
import { type Project, unknownHost } from '../config/load.ts'

/** In the order given, each once. @throws BuildStackError USAGE with a suggestion for a name that is not there. */
export function hostsNamed(project: Project, names: readonly string[]): Host[] {
  return [...new Set(names)].map((name) => {
    const host = project.hosts.get(name)
    if (!host) throw unknownHost(name, project)
    return host
  })
}
