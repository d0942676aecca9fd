/** The hosts whose files sync reads and restore makes: connected when they are first asked for, and until it ends. */
import { loadProject } from '../config/load.ts'
import { probeHost } from '../probe/probeHost.ts'
import { connectHost } from '../run/connectHost.ts'
import { ANSWER_SECONDS, HostLine } from '../run/hostLine.ts'
import { HostScripts } from '../sync/hostScripts.ts'
import type { ConnectingOptions } from './program.ts'
import { projectFolder } from './projectFolder.ts'
import { hostNamed } from './selectHosts.ts'
import { sshInteraction } from './terminal.ts'

interface Connected {
  scripts: HostScripts
  line: HostLine
}

export class OpenHosts {
  readonly #options: ConnectingOptions
  readonly #signal: AbortSignal
  readonly #hosts = new Map<string, Promise<Connected>>()

  constructor(options: ConnectingOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
  }

  /** @throws USAGE for a host that hosts.yaml does not have, CONNECT for one that is not reached. */
  async scriptsOf(name: string): Promise<HostScripts> {
    const open = this.#hosts.get(name) ?? this.#open(name)
    this.#hosts.set(name, open)
    return (await open).scripts
  }

  async close(): Promise<void> {
    for (const open of this.#hosts.values()) {
      const opened = await open.catch(() => undefined)
      await opened?.line.close()
    }
  }

  async #open(name: string): Promise<Connected> {
    const project = await loadProject(projectFolder(this.#options.directory))
    const host = hostNamed(project, name)
    const interaction = sshInteraction(this.#options.acceptNewHostKeys, (question) => question())
    const connection = { hosts: project.hosts, interaction, env: process.env, signal: this.#signal }
    const connect = () => connectHost(host, connection)
    const line = new HostLine(host, await connect(), connect, this.#signal, ANSWER_SECONDS)
    const transport = line.reading()
    return { scripts: new HostScripts(host, await probeHost(host, transport), transport), line }
  }
}
