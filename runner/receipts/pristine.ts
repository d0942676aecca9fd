/**
 * Where a host keeps the text of a configuration file as it was installed, to see who changed it. The path is one name there:
 * the texts of a recipe lie side by side.
 */
export function pristinePath(prefix: string, recipe: string, path: string): string {
  return `${prefix}/var/build-stack/config/${recipe}/${encodeURIComponent(path)}`
}
