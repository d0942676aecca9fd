/** What may stand where a host or an account is named: nothing that a shell, or ssh, could take for something else. */

/** Undefined for a good one. */
export function nameProblem(name: string): string | undefined {
  const ok = /^[^\s'"`$\\;&|<>()\0-][^\s'"`$\\;&|<>()\0]*$/.test(name)
  return ok ? undefined : `${JSON.stringify(name)} is not a name or an address`
}

/** For several with commas. */
export function jumpProblem(jump: string): string | undefined {
  return jump
    .split(',')
    .map(nameProblem)
    .find((problem) => problem !== undefined)
}
