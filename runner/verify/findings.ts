/** What verify found on a host: its answer and its facts against its receipts. Pure. */
import type { Facts } from '../probe/facts.ts'
import type { Receipt } from '../receipts/receipt.ts'
import { fileFindings } from './fileFindings.ts'
import { libraryFindings } from './libraryFindings.ts'
import { serviceFindings } from './serviceFindings.ts'
import type { VerifyAnswer } from './verifyAnswer.ts'

/** In the order in which they are shown. A note is no fault: somebody may have meant it so. */
export const FINDING_KINDS = {
  receipt: 'fault',
  switch: 'fault',
  list: 'fault',
  missing: 'fault',
  changed: 'fault',
  library: 'fault',
  dependency: 'fault',
  service: 'fault',
  foreign: 'fault',
  configuration: 'note',
  pending: 'note',
  rebuilt: 'note',
  unchecked: 'note',
  written: 'note',
  job: 'note',
} as const

export type FindingKind = keyof typeof FINDING_KINDS

export interface Finding {
  kind: FindingKind
  recipe: string | undefined
  /** As installed: relative to the prefix, or absolute; an FMRI for a service. */
  path: string | undefined
  /** What is wrong with it, a sentence without its path. */
  message: string
  next?: string
}

export interface VerifyContext {
  host: string
  prefix: string
  facts: Pick<
    Facts,
    'receipts' | 'damagedReceipts' | 'services' | 'servicesUnknown' | 'journals' | 'jobs' | 'supervisor'
  >
  answer: VerifyAnswer
  quick: boolean
  /** Look for files that no recipe installed. */
  foreign: boolean
  /** Services that their recipes leave disabled, as the supervisor names them. */
  leftDisabled: ReadonlySet<string>
}

export function isFault({ kind }: Pick<Finding, 'kind'>): boolean {
  return FINDING_KINDS[kind] === 'fault'
}

export function findingsOf(context: VerifyContext): Finding[] {
  const all = [
    ...recordFindings(context),
    ...fileFindings(context),
    ...libraryFindings(context),
    ...serviceFindings(context),
  ]
  const order = Object.keys(FINDING_KINDS)
  const key = ({ recipe = '', path = '' }: Finding) => `${recipe}\0${path}`
  return all.sort(
    (a, b) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0),
  )
}

/** The recipe of a component: "memcached.services" holds the services of memcached. */
export function recipeOf(component: string): string {
  return component.replace(/\.services$/, '')
}

/** Receipts, lists, interrupted switches, jobs. */
function recordFindings({ host, facts, answer }: VerifyContext): Finding[] {
  const again = `run build-stack ${host}`
  const damaged = Object.entries(facts.damagedReceipts).map(
    ([recipe, reason]): Finding => ({
      kind: 'receipt',
      recipe,
      path: `var/build-stack/receipts/${recipe}.json`,
      message: `its receipt is damaged: ${reason}`,
      next: `${again}, which installs ${recipe} anew`,
    }),
  )
  const journals = facts.journals.map(
    (component): Finding => ({
      kind: 'switch',
      recipe: recipeOf(component),
      path: `var/build-stack/journal/${component}`,
      message: 'its switch was interrupted',
      next: `${again}, which finishes or undoes it`,
    }),
  )
  const jobs = facts.jobs
    .filter(({ state }) => state === 'running')
    .map(({ id }): Finding => {
      const message = `the job ${id} is running; files may change meanwhile`
      return { kind: 'job', recipe: undefined, path: undefined, message }
    })
  return [...damaged, ...journals, ...listFindings(facts, answer), ...jobs]
}

function listFindings(facts: VerifyContext['facts'], { lists }: VerifyAnswer): Finding[] {
  const finding = (component: string, message: string): Finding => ({
    kind: 'list',
    recipe: recipeOf(component),
    path: `var/build-stack/receipts/${component}.files`,
    message,
  })
  const lost = Object.values(facts.receipts)
    .flatMap(componentsOf)
    .filter((component) => !lists.has(component))
    .map((component) => finding(component, 'its list of files is missing'))
  const others = [...lists].flatMap(([component, { bad }]) => {
    const recipe = recipeOf(component)
    if (!facts.receipts[recipe] && !(recipe in facts.damagedReceipts))
      return [finding(component, 'a list of files without a receipt')]
    return bad > 0
      ? [finding(component, `its list of files has ${bad} damaged ${bad === 1 ? 'line' : 'lines'}`)]
      : []
  })
  return [...lost, ...others]
}

function componentsOf({ recipe, services }: Receipt): string[] {
  return services.length > 0 ? [recipe, `${recipe}.services`] : [recipe]
}
