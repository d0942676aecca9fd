/** Reads a project's files: hosts.yaml at once, recipes when they are asked for. */
import { join } from 'node:path'
import type { SpaceLimits } from '../cleanup/controllerCleanup.ts'
import { parseSize } from '../cleanup/spaceLimit.ts'
import { BuildStackError } from '../errors.ts'
import { recipeFaults } from './checks/recipe.ts'
import type { Document } from './document.ts'
import { configFault, faultsIn, throwFaults } from './faults.ts'
import { hostsFaults } from './hostFaults.ts'
import { hostsOf } from './hostSettings.ts'
import type { Host, HostsFile } from './hosts.ts'
import type { InventoryHost } from './inventory/inventoryHost.ts'
import { inKeyOrder } from './keyOrder.ts'
import type { LoadedRecipe } from './loadedRecipe.ts'
import { markPlace } from './markPlace.ts'
import { parsedFile } from './parsedFile.ts'
import { namesOfRecipes, readHosts, readText } from './projectFiles.ts'
import type { Recipe } from './recipe.ts'
import { noVersion, possibleDependencies, rangeFaults } from './recipeNeeds.ts'
import { type SharedStoreSettings, storeOf } from './storeSettings.ts'
import { suggestion } from './suggest.ts'
import { textFolder } from './textFolder.ts'

export interface Project {
  folder: string
  hosts: Map<string, Host>
  /** Bytes that this machine may keep, in force when `build-stack gc` runs. */
  cache: SpaceLimits
  /** Where controllers share packages and sources. */
  store: SharedStoreSettings | undefined
  /** Sorted. */
  recipeNames: string[]
  /** Reads and checks one recipe, once. Rejects with CONFIG faults. */
  recipe(name: string): Promise<LoadedRecipe>
  /** These recipes and all that any version of them may need. Rejects with all faults of these files. */
  recipesFor(names: Iterable<string>): Promise<Map<string, LoadedRecipe>>
  /** Every recipe, with the checks that need all of them. Rejects with all faults of all files. */
  allRecipes(): Promise<Map<string, LoadedRecipe>>
}

/** Rejects with CONFIG: BuildStackError for one fault, BuildStackErrors for several. */
export async function loadProject(folder: string): Promise<Project> {
  const [text, recipeNames] = await Promise.all([readHosts(folder), namesOfRecipes(folder)])
  let inventory = new Map<string, InventoryHost>()
  const hostsFile = { folder, file: 'hosts.yaml', text }
  const { value: file, document } = await parsedFile('hosts', hostsFile, async ({ value, document }) => {
    inventory = await inventoryOf(value, document, folder)
    return hostsFaults(value, document, recipeNames, inventory)
  })

  const loaded = new Map<string, Promise<LoadedRecipe>>()
  const patches = textFolder(join(folder, 'patches'))
  const ownFiles = textFolder(join(folder, 'recipes'))
  const hosts = hostsOf(file, document, inventory)

  function recipe(name: string): Promise<LoadedRecipe> {
    const known = loaded.get(name) ?? load(name)
    loaded.set(name, known)
    return known
  }

  async function load(name: string): Promise<LoadedRecipe> {
    if (!recipeNames.includes(name)) throw unknownRecipe(name, recipeNames)
    const path = `recipes/${name}.yaml`
    const text = await readText(join(folder, path), path)
    const recipeFile = { folder, file: path, text }
    const { value, document } = await parsedFile('recipe', recipeFile, ({ value, document }) =>
      recipeFaults({ recipe: { ...value, name, file: path }, document, recipeNames, patches, ownFiles }),
    )
    const ownFile = (file: string) => ownFiles.read(file).toString('utf8')
    const placeOf = (variable: string) => {
      const mark = `\${${variable}}`
      const own = text.includes(mark)
        ? undefined
        : filesOf(value).find((file) => ownFile(file).includes(mark))
      return own ? markPlace(ownFile(own), `recipes/${own}`, variable) : markPlace(text, path, variable)
    }
    return {
      ...{ ...inKeyOrder(value), name, file: path, locate: document.locate, placeOf },
      ...{ patchContent: patches.read, ownFile },
    }
  }

  async function recipesFor(names: Iterable<string>): Promise<Map<string, LoadedRecipe>> {
    const found = new Map<string, LoadedRecipe>()
    const faults: BuildStackError[] = []
    const asked = new Set<string>()
    async function visit(name: string): Promise<void> {
      if (asked.has(name)) return
      asked.add(name)
      try {
        const one = await recipe(name)
        found.set(name, one)
        await Promise.all(possibleDependencies(one).map(visit))
      } catch (error) {
        faults.push(...faultsIn(error))
      }
    }
    await Promise.all([...names].map(visit))
    throwFaults(faults)
    return found
  }

  async function allRecipes(): Promise<Map<string, LoadedRecipe>> {
    const all = await recipesFor(recipeNames)
    const wants = [...hosts.values()].flatMap((host) =>
      Object.entries(host.recipes).map(([name, { version, location }]) => ({ name, version, location })),
    )
    throwFaults([
      ...[...all.values()].flatMap((one) => rangeFaults(one, all)),
      ...wants.flatMap(({ name, version, location }) => {
        const problem = noVersion(version, all.get(name))
        return problem === undefined ? [] : [configFault(problem, location)]
      }),
    ])
    return all
  }

  const cache = limitsOf(file.cache ?? {})
  const store = file.store === undefined ? undefined : storeOf(file.store, folder)
  return { folder, hosts, cache, store, recipeNames, recipe, recipesFor, allRecipes }
}

/** Those that its services bring themselves. */
function filesOf(recipe: Omit<Recipe, 'name' | 'file'>): string[] {
  const services = [recipe, ...Object.values(recipe.versions)].flatMap(({ services = {} }) =>
    Object.values(services),
  )
  return services.flatMap(({ own = {} }) => Object.values(own).filter((file) => file !== undefined))
}

function limitsOf({
  packages = '5G',
  sources = '10G',
  logs = '1G',
}: NonNullable<HostsFile['cache']>): SpaceLimits {
  const bytes = (text: string) => parseSize(text) as number
  return { packages: bytes(packages), sources: bytes(sources), logs: bytes(logs) }
}

/** The reader of other inventories is loaded for those who have some. */
async function inventoryOf(
  file: HostsFile,
  document: Document,
  folder: string,
): Promise<Map<string, InventoryHost>> {
  if (file.inventories.length === 0) return new Map()
  const { readInventories } = await import('./inventory/readInventories.ts')
  return readInventories(file, document, folder)
}

/** The error for a host that hosts.yaml does not have. */
export function unknownHost(name: string, project: Pick<Project, 'hosts'>): BuildStackError {
  const names = [...project.hosts.keys()]
  return new BuildStackError('USAGE', `there is no host "${name}"${suggestion(name, names, 'there are')}`, {
    next: `Name one of the hosts of hosts.yaml, or add ${name} to it.`,
  })
}

/** The error for a recipe that the project does not have. */
export function unknownRecipe(name: string, recipeNames: readonly string[]): BuildStackError {
  const hint = suggestion(name, recipeNames, 'there are')
  return new BuildStackError('USAGE', `there is no recipe "${name}"${hint}`, {
    next: `Name one of the recipes, or write recipes/${name}.yaml.`,
  })
}
