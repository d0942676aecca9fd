/** Packages whose libraries changed under them: not found any more, or rebuilt since. Pure. */
import { type Finding, recipeOf, type VerifyContext } from './findings.ts'

export function libraryFindings({ host, prefix, facts, answer }: VerifyContext): Finding[] {
  const unresolved = answer.libraries.map(({ component, file, library, why }): Finding => {
    const path = file.startsWith(`${prefix}/`) ? file.slice(prefix.length + 1) : file
    return {
      kind: 'library',
      recipe: recipeOf(component),
      path,
      message: `needs ${library}, which is ${why}`,
    }
  })
  const unlinked: Finding[] = answer.unlinked
    ? [{ kind: 'unchecked', recipe: undefined, path: undefined, message: `libraries ${answer.unlinked}` }]
    : []
  const receipts = Object.values(facts.receipts)
  const dependencies = receipts.flatMap(({ recipe, dependencies, inputs }) =>
    Object.entries(dependencies).flatMap(([name, version]): Finding[] => {
      const at = { recipe, path: undefined }
      const found = facts.receipts[name]
      if (!found) {
        if (name in facts.damagedReceipts) return []
        const message = `needs ${name} ${version}, which is not installed any more`
        return [{ kind: 'dependency', ...at, message, next: `run build-stack ${host} --only ${recipe}` }]
      }
      // "VERSION FINGERPRINT" of what it was linked to; none for what it only runs with.
      const [, linked] = inputs.build[`dependency ${name}`]?.split(' ') ?? []
      if (!linked || found.fingerprint.startsWith(linked)) return []
      const change =
        version === found.version ? `${name} was rebuilt since` : `${name} is ${found.version} now`
      return [{ kind: 'rebuilt', ...at, message: `was built with ${name} ${version}; ${change}` }]
    }),
  )
  return [...unresolved, ...dependencies, ...unlinked]
}
