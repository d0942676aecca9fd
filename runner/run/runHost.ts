/** One host from connection to summary: connect, probe, plan, carry out. */
import { jobserverOption } from '../build/makeJobserver.ts'
import type { Host } from '../config/hosts.ts'
import { jobsOf } from '../desired/makeBuild.ts'
import { BuildStackError, BuildStackErrors } from '../errors.ts'
import type { Plan } from '../plan/plan.ts'
import type { Preview } from '../plan/preview.ts'
import type { Facts } from '../probe/facts.ts'
import type { HostBounds } from '../schedule/schedule.ts'
import type { Transport } from '../transports/transport.ts'
import { ANSWER_SECONDS, HostLine } from './hostLine.ts'
import { HostRun, type HostRunContext } from './hostRun.ts'
import type { Prepared } from './prepareHost.ts'
import { Patience, preparedHost } from './waitForHost.ts'

export interface RunContext extends HostRunContext {
  dryRun: boolean
  /** How long to wait for a host where another job runs; not at all without it. */
  waitMinutes?: number
  connect: (host: Host) => Promise<Transport>
  /** Facts -> plan: what the command is about. */
  prepare: (host: Host, facts: Facts, transport: Transport) => Promise<Prepared>
}

export interface HostResult {
  host: string
  plan: Plan | undefined
  /** With a dry run. */
  preview: Preview | undefined
  facts: Facts | undefined
  errors: BuildStackError[]
}

export async function runHost(host: Host, context: RunContext): Promise<HostResult> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const errors: BuildStackError[] = []
  let prepared: Prepared | undefined
  let line: HostLine | undefined
  let hostRun: HostRun | undefined
  try {
    context.emit({ type: 'host-connecting', host: host.name, address: host.address ?? host.name })
    const transport = await context.connect(host)
    const { connect, signal } = context
    line = new HostLine(host, transport, connect, signal, context.dryRun ? ANSWER_SECONDS : undefined)
    const patience = new Patience(context.dryRun ? 0 : (context.waitMinutes ?? 0))
    hostRun = new HostRun(line, context)
    let refused = false
    do {
      prepared = await preparedHost(host, line, { ...context, patience }, refused)
      context.emit({ type: 'host-planned', host: host.name, ...shownOf(prepared) })
      if (context.dryRun) break
      await context.scheduling.plan(host.name, await hostRun.tasks(prepared), boundsOf(prepared))
      refused = (await hostRun.run(!patience.isOver)) === 'refused'
    } while (refused)
    context.emit({ type: 'host-end', host: host.name, seconds: seconds() })
  } catch (error) {
    context.scheduling.lose(host.name)
    for (const one of error instanceof BuildStackErrors ? error.errors : [error]) {
      if (!(one instanceof BuildStackError)) throw error
      const named = one.with({ host: host.name })
      errors.push(named)
      context.emit({ type: 'host-end', host: host.name, seconds: seconds(), error: named })
    }
  } finally {
    await line?.close()
  }
  return {
    host: host.name,
    plan: prepared?.plan,
    preview: prepared?.preview,
    facts: prepared?.context.facts,
    errors: [...(hostRun?.errors ?? []), ...errors],
  }
}

function boundsOf({ context: { host, facts } }: Prepared): HostBounds {
  return { cpus: jobsOf(host, facts), dividesCpus: jobserverOption(facts.make) !== undefined }
}

function shownOf({ plan, preview }: Prepared): { plan: Plan; preview?: Preview } {
  return { plan, ...(preview && { preview }) }
}
