/** What an administrator asks of services + receipts -> plan. Pure. */
import type { Host } from '../config/hosts.ts'
import { suggestion } from '../config/suggest.ts'
import type { Build, BuildService } from '../desired/build.ts'
import { orderOf } from '../desired/edges.ts'
import { platformOf } from '../desired/makeBuild.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { requiredRecipes } from '../services/required.ts'
import { requireStates } from '../services/serviceState.ts'
import type { InstalledService, ServiceVerb, Supervisor } from '../services/supervisor.ts'
import { installedBuild } from './installedBuild.ts'
import type { StepTitles } from './makePlan.ts'
import { type Action, PLAN_FORMAT, type Plan } from './plan.ts'

export interface ServiceWish {
  verb: ServiceVerb
  /** Names of services, whole identifiers, or recipes for all of their services. */
  words: readonly string[]
}

export interface ServiceKnowledge {
  supervisor: Supervisor | undefined
  /** What the recipes want on the host, where that is known: time-outs and what tells that a service is up. */
  builds: readonly Pick<Build, 'recipe' | 'services' | 'inputs'>[]
}

/** Of a definition that is not at hand. */
const SECONDS = 60

/**
 * One action for each recipe: what others require is started before them, and stopped after them; otherwise in the order asked.
 * @throws BuildStackError USAGE for what is not installed, HOST for a service that is not running and would have to be.
 */
export function planServices(
  host: Host,
  facts: Facts,
  { verb, words }: ServiceWish,
  known: ServiceKnowledge,
  titles: StepTitles,
): Plan {
  requireStates(facts, host.name, 'see on the host why svcs does not answer')
  const installed = installedServices(facts, known.supervisor)
  const asked = [...new Set(words.flatMap((word) => servicesOf(word, installed, host.name)))]
  for (const { name, fmri } of asked) requireState(verb, name, stateOf(fmri, facts), host.name)
  const { receipts } = facts
  const recipes = inOrder(verb, [...new Set(asked.map(({ receipt }) => receipt.recipe))], (name) =>
    requiredRecipes(receipts[name] as Receipt, receipts),
  )
  const actions = recipes.map((recipe): Action => {
    const receipt = receipts[recipe] as Receipt
    const own = servicesInOrder(
      verb,
      asked.filter((service) => service.receipt === receipt),
    )
    const action = {
      recipe: receipt.recipe,
      version: receipt.version,
      installed: receipt.version,
      kind: verb,
      reasons: ['asked for'],
      changes: [],
      build: installedBuild(receipt),
      services: own.map(({ name }) => definitionOf(name, receipt, known.builds)),
    }
    return { ...action, steps: titles(action) }
  })
  return { format: PLAN_FORMAT, host: host.name, prefix: host.prefix, platform: platformOf(facts), actions }
}

interface Installed {
  name: string
  fmri: string
  receipt: Receipt
}

function inOrder(
  verb: ServiceVerb,
  names: readonly string[],
  required: (name: string) => string[],
): string[] {
  const requiring = (name: string) => names.filter((other) => required(other).includes(name))
  return orderOf(names, () => [], verb === 'stop' ? requiring : required)
}

/** Of one recipe. */
function servicesInOrder(verb: ServiceVerb, services: readonly Installed[]): Installed[] {
  const byId = new Map(services.map((service) => [service.fmri, service]))
  const required = (id: string) =>
    byId.get(id)?.receipt.services.find(({ fmri }) => fmri === id)?.requires ?? []
  return inOrder(verb, [...byId.keys()], required).flatMap((id) => byId.get(id) ?? [])
}

function installedServices(facts: Facts, supervisor: Supervisor | undefined): Installed[] {
  return Object.values(facts.receipts).flatMap((receipt) =>
    Object.keys(receipt.inputs.services).flatMap((name): Installed[] => {
      const fmri = supervisor?.identifier({ name })
      const recorded = receipt.services.some((service) => service.fmri === fmri)
      return fmri !== undefined && recorded ? [{ name, fmri, receipt }] : []
    }),
  )
}

function servicesOf(word: string, installed: readonly Installed[], host: string): Installed[] {
  const named = installed.filter(({ name, fmri }) => name === word || fmri === word)
  if (named.length > 0) return named
  const ofRecipe = installed.filter(({ receipt }) => receipt.recipe === word)
  if (ofRecipe.length > 0) return ofRecipe
  const hint = suggestion(
    word,
    installed.map(({ name }) => name),
    'it has',
  )
  throw new BuildStackError('USAGE', `${host} has no service "${word}"${hint}`, {
    host,
    next: `build-stack services ${host} shows what it has`,
  })
}

function stateOf(fmri: string, facts: Facts): string | undefined {
  return facts.services.find((service) => service.fmri === fmri)?.state
}

/** To restart what is stopped would do nothing, and nobody would be told. */
function requireState(verb: ServiceVerb, name: string, state: string | undefined, host: string): void {
  if (verb === 'start' || verb === 'stop') return
  const running = ['online', 'degraded', ...(verb === 'restart' ? ['offline', 'maintenance'] : [])]
  if (state !== undefined && running.includes(state)) return
  const done = verb === 'restart' ? 'restarted' : 'refreshed'
  throw new BuildStackError('HOST', `${name} is ${state ?? 'not there'} and cannot be ${done}`, {
    host,
    next: `build-stack start ${host} ${name}`,
  })
}

/** The recipe's, if what is installed was made from it; what it awaits of other boxes is the recipe's in any case. */
function definitionOf(
  name: string,
  { recipe, prefix, inputs }: Receipt,
  builds: ServiceKnowledge['builds'],
): InstalledService {
  const build = builds.find((one) => one.recipe === recipe)
  const service = build?.services.find((one) => one.name === name)
  const same = build?.inputs.services[name] === inputs.services[name]
  const found: Partial<BuildService> = (same ? service : undefined) ?? {}
  const { startTimeout = SECONDS, stopTimeout = SECONDS, ready } = found
  return {
    name,
    prefix,
    startTimeout,
    stopTimeout,
    ready,
    ...(service?.awaits && { awaits: service.awaits }),
  }
}
