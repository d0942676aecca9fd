/** Reads an Ansible inventory from disk: a file or a folder of them, with group_vars and host_vars beside it. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { BuildStackError, Location } from '../../errors.ts'
import { configFault, faultsIn, throwFaults } from '../faults.ts'
import { ansibleHosts } from './ansibleHosts.ts'
import { readAnsibleIni } from './ansibleIni.ts'
import { type AnsibleInventory, emptyInventory, type Variables } from './ansibleInventory.ts'
import { readAnsibleYaml, readVariables } from './ansibleYaml.ts'
import type { InventoryHost } from './inventoryHost.ts'

/** `path` from hosts.yaml, relative to `folder`; `location` is where it stands. Throws all CONFIG faults of all files. */
export function readAnsible(path: string, folder: string, location: Location): InventoryHost[] {
  const whole = resolve(folder, path.replace(/^~(?=\/)/, homedir()))
  if (!existsSync(whole)) throw configFault(`there is no inventory ${whole}`, location)
  const inventory = emptyInventory()
  const faults: BuildStackError[] = []
  const attempt = (action: () => void) => {
    try {
      action()
    } catch (error) {
      faults.push(...faultsIn(error))
    }
  }

  const isFolder = statSync(whole).isDirectory()
  const names = isFolder ? inventoryFiles(whole) : ['']
  for (const name of names) attempt(() => readFile(join(whole, name), join(path, name), inventory, location))
  const [base, shown] = isFolder ? [whole, path] : [dirname(whole), dirname(path)]
  const folders = { group_vars: inventory.groupFolder, host_vars: inventory.hostFolder }
  for (const [name, into] of Object.entries(folders)) {
    for (const file of variableFiles(join(base, name), join(shown, name))) {
      attempt(() => {
        const known: Variables = into.get(file.of) ?? new Map()
        into.set(file.of, new Map([...known, ...readVariables(textOf(file.path, location), file.shown)]))
      })
    }
  }
  throwFaults(faults)
  return ansibleHosts(inventory)
}

function readFile(file: string, shown: string, inventory: AnsibleInventory, location: Location): void {
  const text = textOf(file, location)
  const read = /\.(ya?ml|json)$/.test(file) ? readAnsibleYaml : readAnsibleIni
  if (isProgram(file, text)) {
    const next = 'Write its result to a file: ansible-inventory -i INVENTORY --list --yaml --output FILE'
    throw configFault(`${shown} is a program, which is not run here`, location, { next })
  }
  read(text, shown, inventory)
}

function isProgram(file: string, text: string): boolean {
  if (!text.startsWith('#!')) return false
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const NO_INVENTORY = /^\.|~$|\.(bak|orig|swp|cfg|retry|md|txt|rst|pyc|rpm)$/

/** In the order of their names; what editors and Ansible's other files leave is not an inventory. */
function inventoryFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !NO_INVENTORY.test(entry.name))
    .map((entry) => entry.name)
    .sort()
}

interface VariableFile {
  /** The group or host. */
  of: string
  path: string
  shown: string
}

/** NAME and NAME.yml, and the files in a folder NAME, in the order of their names. */
function variableFiles(folder: string, shown: string, of?: string): VariableFile[] {
  if (!existsSync(folder)) return []
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !NO_INVENTORY.test(name))
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): VariableFile[] => {
      const file = { path: join(folder, entry.name), shown: join(shown, entry.name) }
      if (entry.isDirectory()) return variableFiles(file.path, file.shown, of ?? entry.name)
      return [{ ...file, of: of ?? entry.name.replace(/\.(ya?ml|json)$/, '') }]
    })
}

function textOf(file: string, location: Location): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw configFault(`${file} cannot be read (${code})`, location, { cause })
  }
}
