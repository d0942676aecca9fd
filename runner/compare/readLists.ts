/** The lists of installed files of two hosts, but only those that are not equal: checksums of the lists come first. */
import { BuildStackError } from '../errors.ts'
import { type ListedFile, parseListLine } from '../receipts/fileList.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { commandLine } from '../shell.ts'
import type { Transport } from '../transports/transport.ts'
import { componentsOf } from './compareHosts.ts'

export interface ListHost {
  host: string
  prefix: string
  receipts: Record<string, Receipt>
  transport: Transport
}

export type Lists = Map<string, ListedFile[]>

/** The two hosts' lists, left and right. */
export async function differingLists(left: ListHost, right: ListHost): Promise<[Lists, Lists]> {
  const shared = Object.keys(left.receipts).filter((recipe) => right.receipts[recipe])
  const components = shared.flatMap(componentsOf)
  if (components.length === 0) return [new Map(), new Map()]
  const [one, other] = await Promise.all([sums(left, components), sums(right, components)])
  const different = components.filter((component) => one.get(component) !== other.get(component))
  return Promise.all([lists(left, different), lists(right, different)])
}

function pathOf({ prefix }: ListHost, component: string): string {
  return `${prefix}/var/build-stack/receipts/${component}.files`
}

/** POSIX' checksum: the lists themselves have the strong ones. A list that is not there has none. */
async function sums(host: ListHost, components: string[]): Promise<Map<string, string>> {
  const paths = components.map((component) => pathOf(host, component))
  const { stdout } = await host.transport.exec(commandLine(['cksum', ...paths]))
  const found = new Map<string, string>()
  for (const line of stdout.toString('utf8').split('\n')) {
    const [, sum, path] = /^(\d+[ \t]+\d+)[ \t]+(.+)$/.exec(line) ?? []
    const component = components[paths.indexOf(path ?? '')]
    if (component !== undefined && sum !== undefined) found.set(component, sum)
  }
  return found
}

/** One after the other: a server allows few commands at once on a connection. */
async function lists(host: ListHost, components: string[]): Promise<Lists> {
  const found: Lists = new Map()
  for (const component of components) {
    const { code, stdout, stderr } = await host.transport.exec(commandLine(['cat', pathOf(host, component)]))
    if (code === 0) {
      const lines = stdout.toString('utf8').split('\n')
      found.set(
        component,
        lines.flatMap((line) => parseListLine(line) ?? []),
      )
    } else if (!component.endsWith('.services')) {
      throw new BuildStackError('HOST', `the list of files of ${component} cannot be read`, {
        host: host.host,
        log: stderr.trimEnd().split('\n'),
        next: `see build-stack verify ${host.host}`,
      })
    }
  }
  return found
}
