/** What the probe found on a host that is not as a run left it: changed outside build-stack. Pure. */
import type { Facts } from '../probe/facts.ts'
import { damageOf, damageReasons } from './damage.ts'
import { isPending, isServiceVerb } from './makePlan.ts'
import type { Plan } from './plan.ts'

export interface Drift {
  kind: 'service' | 'receipt' | 'switch' | 'job' | 'files' | 'configuration' | 'pending'
  recipe?: string
  /** A sentence without a full stop. */
  message: string
}

export type DriftFacts = Pick<
  Facts,
  | 'receipts'
  | 'damagedReceipts'
  | 'damage'
  | 'services'
  | 'servicesUnknown'
  | 'journals'
  | 'jobs'
  | 'lock'
  | 'supervisor'
>

export interface Known {
  /** Ids of jobs that a run of this plan would join. */
  ownJobs: readonly string[]
  /** Services that their recipes leave disabled. */
  leftDisabled: ReadonlySet<string>
}

export function driftOf(plan: Plan, facts: DriftFacts, known: Known): Drift[] {
  const running = facts.jobs.filter(({ id, state }) => state === 'running' && !known.ownJobs.includes(id))
  const handled = new Set(plan.actions.filter(({ kind }) => isServiceVerb(kind)).map(({ recipe }) => recipe))
  const repairer = isPending(plan) ? 'a run' : 'the next run that does something'
  return [
    ...facts.journals.map(
      (name): Drift => ({
        kind: 'switch',
        message: `the switch of ${name} was interrupted: ${repairer} finishes or undoes it first`,
      }),
    ),
    ...running.map(({ id }): Drift => {
      const owner = /\bby (\S+)/.exec(facts.lock?.includes(id) ? facts.lock : '')?.[1]
      return { kind: 'job', message: `job ${id}${owner ? ` of ${owner}` : ''} runs there` }
    }),
    ...Object.entries(facts.damagedReceipts).map(
      ([recipe, reason]): Drift => ({
        kind: 'receipt',
        recipe,
        message: `the receipt of ${recipe} is damaged: ${reason}`,
      }),
    ),
    ...unplannedDamage(plan, facts),
    ...silentSupervisor(plan, facts),
    ...Object.values(facts.receipts).flatMap(({ recipe, services }) =>
      // A service that is stopped is what a start is for.
      (handled.has(recipe) ? [] : services).flatMap(({ fmri }): Drift[] => {
        const message = serviceDrift(fmri, facts, known.leftDisabled)
        return message ? [{ kind: 'service', recipe, message: `${fmri} ${message}` }] : []
      }),
    ),
  ]
}

/** Said once, and not of each service. */
function silentSupervisor(plan: Plan, { receipts, servicesUnknown }: DriftFacts): Drift[] {
  const any =
    Object.values(receipts).some(({ services }) => services.length > 0) ||
    plan.actions.some(({ build }) => build.services.length > 0)
  if (servicesUnknown === undefined || !any) return []
  return [
    { kind: 'service', message: `SMF does not answer, so what services do is not known: ${servicesUnknown}` },
  ]
}

/** What the plan mends is among its reasons. */
function unplannedDamage(plan: Plan, { receipts, damage }: DriftFacts): Drift[] {
  const planned = new Set(plan.actions.map(({ recipe }) => recipe))
  return Object.keys(receipts).flatMap((recipe) => {
    if (planned.has(recipe)) return []
    const { files, others } = damageOf(recipe, damage)
    return damageReasons([...files, ...others]).map(
      (reason): Drift => ({ kind: 'files', recipe, message: `${recipe}: ${reason}` }),
    )
  })
}

function serviceDrift(
  fmri: string,
  facts: DriftFacts,
  leftDisabled: ReadonlySet<string>,
): string | undefined {
  if (!facts.supervisor) return 'has no supervisor any more'
  if (facts.servicesUnknown !== undefined) return undefined
  const found = facts.services.find((service) => service.fmri === fmri)
  if (!found) return 'was deleted'
  if (found.state === 'online') return undefined
  if (found.state !== 'disabled') return `is ${found.state}`
  return leftDisabled.has(fmri) ? undefined : 'was disabled by hand, and stays so'
}
