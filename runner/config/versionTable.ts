/** docs/versions.md: every version of every recipe, whether its source can be verified, and where it has been built. Pure. */
import type { Recipe, RecipeVersion } from './recipe.ts'
import { compareVersions } from './version.ts'

const HEADER = `# Versions

Made from the recipes by \`npm run versions\`. *Built* names where a version has really been built, its smoke tests passed and its service run;
a version without an entry has been written down and not tried. A run refuses a version without a checksum; \`build-stack checksum\` prints the
line that it lacks.

| recipe | version | source verified by | built |
| --- | --- | --- | --- |
`

/** Newest first in each recipe. */
export function versionTable(recipes: Iterable<Recipe>): string {
  const rows = [...recipes]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((recipe) =>
      Object.entries(recipe.versions)
        .sort(([a], [b]) => compareVersions(b, a))
        .map(([version, { source, built = [] }]) => {
          const cells = [recipe.name, version, verifiedBy(source), built.join(', ') || '—']
          return `| ${cells.join(' | ')} |\n`
        }),
    )
  return HEADER + rows.join('')
}

function verifiedBy(source: RecipeVersion['source']): string {
  if ('git' in source) return `commit ${source.revision.slice(0, 12)}`
  if ('packages' in source) return "the host's package manager"
  if ('none' in source) return 'nothing to verify'
  if (source.sha256) return 'sha256'
  const others = (source.alternatives ?? []).filter(({ sha256 }) => sha256)
  return others.length > 0 ? 'sha256 of an alternative' : '**no checksum known**'
}
