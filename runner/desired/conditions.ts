/** Whether a recipe's `when` holds on a host. */
import type { Condition } from '../config/recipe.ts'
import { satisfies } from '../config/version.ts'

/** What the probe found, as far as conditions ask. */
export interface ConditionFacts {
  /** uname -s */
  os: string
  /** uname -r */
  release: string
  /** uname -m */
  machine: string
  /** smf, daemontools; undefined when the host has none. */
  supervisor: string | undefined
}

export type Holds = true | false | 'unknown'

/**
 * `facts` is undefined before the probe: what needs them is then 'unknown', unless another key already fails.
 * `version` is the recipe's chosen version.
 */
export function holds(
  condition: Condition | undefined,
  facts: ConditionFacts | undefined,
  roles: readonly string[],
  version: string,
): Holds {
  if (!condition) return true
  const answers: Holds[] = []
  for (const key of ['os', 'release', 'machine', 'supervisor'] as const) {
    const wanted = condition[key]
    if (wanted === undefined) continue
    const found = facts?.[key]
    answers.push(facts ? found !== undefined && listOf(wanted).includes(found) : 'unknown')
  }
  if (condition.role !== undefined) answers.push(listOf(condition.role).some((role) => roles.includes(role)))
  if (condition.version !== undefined) answers.push(satisfies(version, condition.version))
  if (answers.includes(false)) return false
  return answers.includes('unknown') ? 'unknown' : true
}

function listOf(value: string | string[]): string[] {
  return typeof value === 'string' ? [value] : value
}
