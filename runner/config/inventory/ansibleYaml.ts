/** Ansible's YAML inventories: groups with `hosts`, `vars` and `children`, and the files of group_vars and host_vars. */
import type { BuildStackError } from '../../errors.ts'
import { type Document, type Path, parseDocument } from '../document.ts'
import { configFault, throwFaults } from '../faults.ts'
import { suggestion } from '../suggest.ts'
import { type AnsibleInventory, addGroup, addHost, type Variables } from './ansibleInventory.ts'
import { hostNames } from './hostRange.ts'

/** Adds a file to the inventory. Throws CONFIG with all faults of the file. */
export function readAnsibleYaml(text: string, file: string, inventory: AnsibleInventory): void {
  const document = parseDocument(text, file, { unknownTags: 'ignore' })
  const reader = new Reader(document, inventory)
  reader.groups(document.value, [])
  throwFaults(reader.faults)
}

/** A file of variables. One that is encrypted as a whole says nothing. */
export function readVariables(text: string, file: string): Variables {
  if (text.startsWith('$ANSIBLE_VAULT') || text.replace(/^\s*(#.*|---)?$/gm, '').trim() === '')
    return new Map()
  const document = parseDocument(text, file, { unknownTags: 'ignore' })
  const reader = new Reader(document, undefined)
  const variables = reader.variables(document.value, [])
  throwFaults(reader.faults)
  return variables
}

class Reader {
  readonly faults: BuildStackError[] = []
  readonly #document: Document
  readonly #inventory: AnsibleInventory | undefined

  constructor(document: Document, inventory: AnsibleInventory | undefined) {
    this.#document = document
    this.#inventory = inventory
  }

  groups(value: unknown, path: Path, parent?: string): void {
    for (const [name, group] of this.#entries(value, path, 'groups')) {
      const at = [...path, name]
      if (!this.#inventory) return
      if (path.length === 0 && name === 'plugin') {
        this.#fault(at, 'this configures an inventory plugin, which is not run here', 'key')
        return
      }
      addGroup(this.#inventory, name)
      if (parent !== undefined) {
        addGroup(this.#inventory, parent).children.set(name, this.#document.locate(at, 'key'))
      }
      for (const [key, part] of this.#entries(group, at, 'hosts, vars and children')) {
        if (key === 'hosts') this.#hosts(part, [...at, key], name)
        else if (key === 'children') this.groups(part, [...at, key], name)
        else if (key === 'vars') {
          for (const [variable, found] of this.variables(part, [...at, key])) {
            addGroup(this.#inventory, name).variables.set(variable, found)
          }
        } else {
          const hint = suggestion(key, ['hosts', 'vars', 'children'], 'allowed here')
          this.#fault([...at, key], `unknown key "${key}"${hint}`, 'key')
        }
      }
    }
  }

  variables(value: unknown, path: Path): Variables {
    const found: Variables = new Map()
    for (const [name, item] of this.#entries(value, path, 'variables')) {
      const at = [...path, name]
      if (name === '<<') this.#fault(at, 'maps are not merged with << here', 'key')
      const source = typeof item === 'number' ? this.#document.sourceText(at) : undefined
      found.set(name, { value: source ?? item, location: this.#document.locate(at, 'key') })
    }
    return found
  }

  #hosts(value: unknown, path: Path, group: string): void {
    // One name without a map is allowed too.
    const entries = typeof value === 'string' ? [[value, null] as const] : this.#entries(value, path, 'hosts')
    for (const [word, own] of entries) {
      const at = typeof value === 'string' ? path : [...path, word]
      const names = hostNames(word)
      if ('problem' in names) {
        this.#fault(at, names.problem, 'key')
        continue
      }
      const location = this.#document.locate(at, 'key')
      const variables = this.variables(own, at)
      if (names.port !== undefined) variables.set('ansible_port', { value: names.port, location })
      for (const name of names.names) {
        if (!this.#inventory) return
        const host = addHost(this.#inventory, name, group, location)
        for (const [variable, found] of variables) host.variables.set(variable, found)
      }
    }
  }

  #entries(value: unknown, path: Path, what: string): [string, unknown][] {
    if (value === null || value === undefined) return []
    if (typeof value === 'object' && !Array.isArray(value)) return Object.entries(value)
    this.#fault(path, `expected a map of ${what}`)
    return []
  }

  #fault(path: Path, message: string, part: 'key' | 'value' = 'value'): void {
    this.faults.push(configFault(message, this.#document.locate(path, part)))
  }
}
