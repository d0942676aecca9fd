/**
 * Plans as a file: what was shown and approved, to be carried out later exactly so. The file has no contents of
 * configuration files, and no secrets: the recipes have the first, the controller's surroundings the second.
 */
import { createHash } from 'node:crypto'
import type { Host } from '../config/hosts.ts'
import { BuildStackError } from '../errors.ts'
import type { Facts } from '../probe/facts.ts'
import type { Receipt } from '../receipts/receipt.ts'
import type { AdoptionWish } from './adoption.ts'
import type { Plan } from './plan.ts'
import { type PlanJson, planJson } from './planJson.ts'
import type { RemovalWish } from './removal.ts'
import type { RollbackWish } from './rollback.ts'

export const SAVED_PLAN_FORMAT = 2
const KIND = 'build-stack plan'

/** What of a receipt tells whether it is the same, and who changed it. */
export interface ReceiptMark {
  version: string
  installedAt: string
  installedBy: string
  sha256: string
}

/** What the plan was made for, apart from the recipes. */
export interface HostState {
  /** Where it is: "admin@server1.example.com:22", as hosts.yaml says. */
  target: string
  prefix: string
  work: string
  /** PATH of builds and services. */
  path: string
  platform: string
  shell: string
  supervisor: string | null
  privilege: string | null
  /** Of the plan's recipes. */
  receipts: Record<string, ReceiptMark>
  /** Recipes of the plan whose receipts are damaged. */
  damaged: string[]
  /** Interrupted switches. */
  journals: string[]
}

export interface SavedHost {
  host: string
  state: HostState
  plan: PlanJson
}

/** What was asked for: a run, else one of the others. */
export interface SavedOptions {
  only: string[]
  packages: boolean
  reinstall?: string[]
  /** By host: each has a last run of its own. */
  rollback?: Record<string, RollbackWish[]>
  remove?: RemovalWish
  adopt?: AdoptionWish
}

export interface SavedPlan {
  format: typeof SAVED_PLAN_FORMAT
  /** ISO 8601. */
  madeAt: string
  /** user@machine */
  madeBy: string
  options: SavedOptions
  hosts: SavedHost[]
}

export function savedHost(host: Host, facts: Facts, plan: Plan): SavedHost {
  const recipes = plan.actions.map(({ recipe }) => recipe)
  const marks = recipes.flatMap((recipe): [string, ReceiptMark][] => {
    const receipt = facts.receipts[recipe]
    return receipt ? [[recipe, markOf(receipt)]] : []
  })
  return {
    host: host.name,
    state: {
      target: `${host.user ? `${host.user}@` : ''}${host.address ?? host.name}${host.port ? `:${host.port}` : ''}`,
      prefix: host.prefix,
      work: host.work,
      path: host.path.join(':'),
      platform: plan.platform,
      shell: facts.shell,
      supervisor: facts.supervisor ?? null,
      privilege: facts.privilege ?? null,
      receipts: Object.fromEntries(marks),
      damaged: recipes.filter((recipe) => recipe in facts.damagedReceipts),
      journals: [...facts.journals].sort(),
    },
    plan: planJson(plan),
  }
}

function markOf(receipt: Receipt): ReceiptMark {
  const { version, installedAt, installedBy } = receipt
  return { version, installedAt, installedBy, sha256: sha256(canonicalJson(receipt)) }
}

/** The text of the file. Its checksum tells an edited or damaged file from one that was written by us. */
export function savedPlanText(saved: SavedPlan): string {
  const body = { kind: KIND, ...saved }
  return `${JSON.stringify({ ...body, sha256: sha256(canonicalJson(body)) }, null, 2)}\n`
}

/** @throws BuildStackError CONFIG for what is no saved plan, is damaged, or is of a newer build-stack. */
export function parseSavedPlan(text: string, file: string): SavedPlan {
  const refused = (message: string, next = 'make a new one: build-stack HOST --out FILE') =>
    new BuildStackError('CONFIG', `${file}: ${message}`, { next })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refused('not valid JSON (half written, or edited)')
  }
  const { kind, format, sha256: seal, ...rest } = (value ?? {}) as Record<string, unknown>
  if (kind !== KIND) throw refused('is no saved plan')
  if (typeof format !== 'number' || format !== SAVED_PLAN_FORMAT) {
    throw refused(
      `has format ${JSON.stringify(format)}; this build-stack knows format ${SAVED_PLAN_FORMAT}`,
      'use the build-stack that wrote it, or make a new one with this one',
    )
  }
  // What it holds after this was written by savedPlanText: no key needs a look of its own.
  if (seal !== sha256(canonicalJson({ kind, format, ...rest }))) {
    throw refused('is not what was written: it is damaged, or somebody edited it')
  }
  return { format, ...rest } as unknown as SavedPlan
}

/** Tells it from others, in the histories of hosts. */
export function planName(saved: SavedPlan): string {
  return `plan-${sha256(canonicalJson(saved)).slice(0, 8)}`
}

/** Keys in order, and without undefined values: equal for values that are equal after a way through JSON. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
